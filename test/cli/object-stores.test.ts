import { cp, readdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openS3 } from "../../src/internal/object-store/s3-store.js";
import { runCli } from "../support/cli/run-cli.js";
import { withoutPackages } from "../support/cli/without-packages.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { setEnvironment } from "../support/object-stores/environment.js";
import { type S3Server, startS3 } from "../support/object-stores/s3-server.js";

/** Starts S3 with objects; the content of each PDF file is its key, unless another text is given. */
const startWith = async (objects: Readonly<Record<string, string>>) => {
  const server = await startS3();
  setEnvironment(server.env);
  const store = await openS3("bucket");
  const write = (key: string, text: string) => store.write(key, Buffer.from(text));
  for (const [key, text] of Object.entries(objects)) await write(key, text);
  server.requests.length = 0;
  return { server, store, write };
};

const pdf = (words: string): string => `%PDF-1.7 ${words}`;

describe("the command with documents in S3", () => {
  let space: Workspace;
  beforeAll(async () => {
    space = await Workspace.open();
  });
  afterAll(() => space.close());

  const run = async (server: S3Server, ...args: string[]) => {
    const { code, stdout, stderr } = await space.cli([...args, "--json"], {
      env: { ...space.env, ...server.env },
    });
    if (stdout === "") throw new Error(`nothing on stdout: ${stderr}`);
    return { code, stderr, ...JSON.parse(stdout) };
  };

  it("ingests a prefix by presigned addresses, and lists only what has not changed", async () => {
    const { server, write, store } = await startWith({
      "reports/a b.pdf": pdf("a"),
      "reports/2024/b.pdf": pdf("b"),
      "reports/notes.txt": "no document",
      "reports/": "",
      "reports/.hidden/c.pdf": pdf("c"),
      "reports/empty.pdf": "",
      "reportsX/d.pdf": pdf("d"),
    });
    const first = await run(server, "ingest", "s3://bucket/reports", "--state", "one", ...FAST);
    expect(first.sources).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
    expect(first.failures).toMatchObject([
      { source: "s3://bucket/reports/empty.pdf", code: "UNSUPPORTED_FILE" },
    ]);
    expect(first.skipped).toMatchObject({
      byEnding: { ".txt": 1 },
      leftOut: ["s3://bucket/reports/.hidden"],
    });

    const jobs = space.emulator.jobs.filter(({ via }) => via === "url");
    expect(jobs.map(({ fileName }) => decodeURIComponent(fileName)).sort()).toEqual(["a b.pdf", "b.pdf"]);
    for (const { url = "" } of jobs) {
      expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("86400");
      expect(await (await fetch(url)).text()).toMatch(/^%PDF-1.7 [ab]$/);
    }
    expect(first.stderr + JSON.stringify(first)).not.toContain("X-Amz-");

    const status = await run(server, "status", "--state", "one", "--all");
    const ids = status.listed.map(({ doc_id }: { doc_id: string }) => doc_id);
    expect(ids).toEqual([
      "s3://bucket/reports/2024/b.pdf",
      "s3://bucket/reports/a b.pdf",
      "s3://bucket/reports/empty.pdf",
    ]);
    expect(JSON.stringify(status)).not.toContain("X-Amz-");

    server.requests.length = 0;
    const plan = await run(server, "plan", "s3://bucket/reports/", "--state", "one");
    expect(plan.actions).toEqual({ unchanged: 2, fail: 1 });
    const second = await run(server, "ingest", "s3://bucket/reports/", "--state", "one", ...FAST);
    expect(second.sources).toMatchObject({ total: 3, unchanged: 2, failed: 1 });
    // Each run only lists: no object is asked for.
    expect(server.requests.map(({ path }) => path.split("?")[0])).toEqual(["/bucket/", "/bucket/"]);

    await write("reports/a b.pdf", pdf("changed"));
    await store.delete("reports/2024/b.pdf");
    const changed = await run(server, "ingest", "s3://bucket/reports/", "--state", "one", "--prune", ...FAST);
    expect(changed.sources).toMatchObject({ total: 2, succeeded: 1, unchanged: 0 });
    expect(changed.pruned).toMatchObject({ documents: 1 });
    expect(changed.parsing.jobs).toBe(1);

    const deleted = await run(server, "delete", "s3://bucket/reports/", "--state", "one", "--yes");
    expect(deleted.deleted.map(({ doc_id }: { doc_id: string }) => doc_id)).toContain(
      "s3://bucket/reports/a b.pdf",
    );
  });

  it("takes one object, a glob, and what --include names", async () => {
    const { server } = await startWith({
      "in/one.pdf": pdf("one"),
      "in/two [draft].pdf": pdf("two"),
      "in/three.docx": "three",
      "in/deep/four.pdf": pdf("four"),
    });
    const plan = async (...args: string[]) => {
      const { documents } = await run(server, "plan", "--state", "two", ...args);
      return documents.map(({ doc_id }: { doc_id: string }) => doc_id.replace("s3://bucket/in/", "")).sort();
    };
    expect(await plan("s3://bucket/in/two [draft].pdf")).toEqual(["two [draft].pdf"]);
    expect(await plan("s3://bucket/in/*.pdf")).toEqual(["one.pdf", "two [draft].pdf"]);
    expect(await plan("S3://bucket/in/**/*.pdf", "--exclude", "deep")).toEqual([
      "one.pdf",
      "two [draft].pdf",
    ]);
    expect(await plan("s3://bucket/in", "--include", "*.docx")).toEqual(["three.docx"]);
    expect(await plan("s3://bucket")).toHaveLength(4);
  });

  it("sends itself what only the upload takes", async () => {
    const { server } = await startWith({ "page.html": "<p>hello</p>" });
    const report = await run(server, "ingest", "s3://bucket/page.html", "--state", "three", ...FAST);
    expect(report.sources).toMatchObject({ total: 1, succeeded: 1 });
    expect(space.emulator.jobs.at(-1)).toMatchObject({ via: "upload", fileName: "page.html", bytes: 12 });
  });

  it("parses equal bytes under two keys once", async () => {
    const { server } = await startWith({ "copy/a.pdf": pdf("same"), "copy/b.pdf": pdf("same") });
    const report = await run(server, "ingest", "s3://bucket/copy", "--state", "four", ...FAST);
    expect(report.sources).toMatchObject({ total: 2, succeeded: 2, reused: 1 });
    expect(report.parsing.jobs).toBe(1);
  });

  it("says what is wrong with an address, and ingests the others", async () => {
    const { server } = await startWith({ "ok/a.pdf": pdf("fine") });
    const names = ["s3://bucket/ok/", "s3://bucket/nothing/", "s3://nosuch/a.pdf"];
    const report = await run(server, "ingest", ...names, "--state", "five", ...FAST);
    expect(report.sources).toMatchObject({ total: 3, succeeded: 1, failed: 2 });
    const messages = report.failures.map(({ message }: { message: string }) => message);
    expect(messages).toEqual([
      expect.stringContaining(
        "s3://bucket/nothing/: there is neither such an object nor any file that can be parsed",
      ),
      expect.stringContaining("s3://nosuch/: no such bucket"),
    ]);
    const refused = await space.cli(["ingest", "s3:///a.pdf"], { env: space.env });
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(
      "s3:///a.pdf: expected s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX",
    );
  });

  it("keeps a retry for a document that failed", async () => {
    const { server } = await startWith({ "again/a.pdf": pdf("again") });
    space.emulator.addFault({ on: "submit", fault: "too_large", times: 1 });
    const failed = await run(server, "ingest", "s3://bucket/again/", "--state", "six", ...FAST);
    expect(failed.sources).toMatchObject({ failed: 1 });
    const retried = await run(server, "retry", "--state", "six", ...FAST);
    expect(retried.sources).toMatchObject({ total: 1, succeeded: 1 });
  });
});

describe("the command with kept results elsewhere", () => {
  it("shares them in a bucket, and deletes them with their document", async () => {
    const space = await Workspace.open({}, ["docs/a.pdf"]);
    try {
      const server = await startS3();
      setEnvironment(server.env);
      const store = await openS3("bucket");
      const keys = async () => {
        for await (const page of store.list("kept/")) return page.map(({ key }) => key);
        return [];
      };
      const env: Record<string, string> = { ...space.env, ...server.env };
      const json = async (...args: string[]) =>
        JSON.parse((await space.cli([...args, "--json"], { env })).stdout);
      const place = ["--keep-results", "s3://bucket/kept"];
      await json("ingest", "docs", ...place, ...FAST);
      expect(await keys()).toEqual([expect.stringMatching(/^kept\/[0-9a-f]{64}\.result$/)]);
      const other = ["--state", "other", "--collection", "other"];
      // Another machine: it has the ledger, but neither the results of this one nor a service that has the job.
      await cp(space.path(".unsiloed/ledger"), space.path("other/ledger"), { recursive: true });
      env["UNSILOED_BASE_URL"] = "http://127.0.0.1:1";
      const split = await json("ingest", "docs", ...place, ...other, "--chunk-size", "50", ...FAST);
      expect(split.sources).toMatchObject({ total: 1, succeeded: 1 });
      expect(split.parsing).toMatchObject({ jobs: 0 });

      expect((await json("status", ...place)).kept_results).toEqual({ address: "s3://bucket/kept" });
      const { checks } = await json("doctor", ...place);
      const kept = checks.find(({ name }: { name: string }) => name === "kept results");
      expect(kept).toMatchObject({ status: "ok", message: "s3://bucket/kept" });
      await json("delete", "docs/a.pdf", ...place);
      expect(await keys()).toEqual([]);
    } finally {
      await space.close();
    }
  });

  it("ends before anything is submitted where they cannot be kept", async () => {
    const space = await Workspace.open({}, ["docs/a.pdf"]);
    try {
      const server = await startS3();
      const ingest = async (place: string, env: Record<string, string>) => {
        const args = ["ingest", "docs", "--keep-results", place, "--json", ...FAST];
        const { code, stdout, stderr } = await runCli(args, {
          cwd: space.cwd,
          env: { ...space.env, ...server.env, ...env },
        });
        expect(stderr).not.toContain("NodeVersionSupportWarning");
        expect(code).toBe(2);
        return JSON.parse(stdout).error;
      };
      expect(await ingest("gs://bucket/kept", withoutPackages("@google-cloud/storage"))).toEqual({
        code: "MISSING_PACKAGE",
        message: expect.stringContaining('run "npm install @google-cloud/storage"'),
      });
      expect(await ingest("s3://bucket/kept", { AWS_ACCESS_KEY_ID: "refused" })).toMatchObject({
        code: "UNAUTHORIZED",
      });
      expect(await ingest("s3://bucket/kept", { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" })).toMatchObject({
        code: "SERVICE_UNAVAILABLE",
      });
      expect(space.emulator.submissions).toBe(0);
    } finally {
      await space.close();
    }
  });

  it("says where machines that share a ledger keep them apart", async () => {
    const space = await Workspace.open();
    try {
      const check = async (...args: string[]) => {
        const { stdout } = await space.cli([
          "doctor",
          "--state",
          "postgres://127.0.0.1:1/none",
          "--json",
          ...args,
        ]);
        return JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === "kept results");
      };
      const apart = await check();
      expect(apart).toMatchObject({ status: "warning" });
      expect(apart.message).toContain("each machine keeps its own in .unsiloed");
      expect(await check("--keep-results", "./shared")).toMatchObject({ status: "ok" });
    } finally {
      await space.close();
    }
  });

  it("keeps them in a directory that --keep-results or the config file names", async () => {
    const space = await Workspace.open({}, ["docs/a.pdf"]);
    try {
      await space.json("ingest", "docs", "--keep-results", "text:./shared/", ...FAST);
      expect(await readdir(space.path("shared"))).toHaveLength(1);
      await writeFile(space.path("unsiloed.config.json"), JSON.stringify({ keepResults: "./shared" }));
      const status = await space.json("status");
      expect(status.kept_results.results).toBe(1);
      const { code, stderr } = await space.cli(["ingest", "docs", "--keep-results", "al"]);
      expect(code).toBe(2);
      expect(stderr).toContain("expected all, text, none, a place (./DIR, s3://BUCKET/PREFIX");
    } finally {
      await space.close();
    }
  });
});
