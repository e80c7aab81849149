import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sourceName } from "../../src/cli/setup/sources/source-name.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("a source", () => {
  it.each([
    ["-", "standard input has no name"],
    ["r2://bucket/lease.pdf", "write s3://BUCKET/PREFIX and set AWS_ENDPOINT_URL_S3"],
    ["abfss://docs@account.dfs.core.windows.net/a.pdf", "write az://CONTAINER/PREFIX"],
    ["ftp://host/lease.pdf", "download the document first"],
    ["result:https://host/lease.json", "download the document first"],
  ])("%s is refused, with what is supported", (name, advice) => {
    expect(() => sourceName(name)).toThrow(
      `${name}: expected a file, a directory, a glob, an http(s), file://, s3://, gs:// or az:// address, job:ID or result:PATH`,
    );
    expect(() => sourceName(name)).toThrow(advice);
  });

  it("may be a file of any name, also one that looks like an address", () => {
    for (const name of [
      "a.pdf",
      "C:\\docs\\a.pdf",
      "job:5",
      "result:a.json",
      "https://e.com/a.pdf",
      "./-",
      "s3://b/a #?.pdf",
      "gs://b/a.pdf",
      "az://b/a.pdf",
    ])
      expect(sourceName(name)).toBe(name);
  });

  it.runIf(process.platform !== "win32")("may be the address of a file", () => {
    expect(sourceName("file:///docs/a%20b.pdf")).toBe("/docs/a b.pdf");
    expect(sourceName("FILE://localhost/docs/a.pdf")).toBe("/docs/a.pdf");
    expect(sourceName("result:file:///docs/a.json")).toBe("result:/docs/a.json");
    expect(() => sourceName("file://server/share/a.pdf")).toThrow("leads to no file");
  });

  it.runIf(process.platform === "win32")("may be the address of a file on a drive", () => {
    expect(sourceName("file:///C:/docs/a%20b.pdf")).toBe("C:\\docs\\a b.pdf");
  });
});

describe("the command with names of every form", () => {
  let space: Workspace;
  beforeAll(async () => {
    space = await Workspace.open({}, ["docs/my lease.pdf", "docs/b.pdf", "docs/old/c.pdf", "docs/old/d.pdf"]);
  });
  afterAll(() => space.close());

  it("ingests the address of a file as that file", async () => {
    const address = pathToFileURL(space.path("docs/my lease.pdf")).href;
    expect(address).toContain("%20");
    const first = await space.json("ingest", address, ...FAST);
    expect(first.sources).toMatchObject({ total: 1, succeeded: 1 });
    const second = await space.json("ingest", "docs/my lease.pdf", ...FAST);
    expect(second.sources).toMatchObject({ total: 1, unchanged: 1 });
  });

  it("refuses an address of another kind before anything is submitted", async () => {
    const { code, stderr } = await space.cli(["ingest", "docs/b.pdf", "ftp://host/a.pdf", ...FAST]);
    expect(code).toBe(2);
    expect(stderr).toContain("error: INVALID_OPTION: ftp://host/a.pdf: expected a file");
    expect(space.emulator.jobs.some(({ fileName }) => fileName === "b.pdf")).toBe(false);
  });

  it("deletes ids, paths as typed, directories and globs", async () => {
    await space.json("ingest", "docs", ...FAST);
    const dry = await space.json("delete", "docs/old", "--dry-run");
    expect(dry).toMatchObject({ code: 0, to_delete: ["docs/old/c.pdf", "docs/old/d.pdf"], unknown: [] });

    const unasked = await space.json("delete", "docs/old");
    expect(unasked).toMatchObject({ code: 2, error: { code: "INVALID_OPTION" } });
    expect(unasked.error.message).toContain("--yes: needed to delete the 2 documents");

    const path1 = await space.json("delete", "./docs/../docs/b.pdf");
    expect(path1.deleted.map(({ doc_id }: { doc_id: string }) => doc_id)).toEqual(["docs/b.pdf"]);
    const glob = await space.json("delete", "docs/old/c*.pdf", "--yes");
    expect(glob.deleted.map(({ doc_id }: { doc_id: string }) => doc_id)).toEqual(["docs/old/c.pdf"]);
    await mkdir(space.path("elsewhere"));
    const directory = await space.json("delete", space.path("docs/"), "nosuch", "elsewhere", "--yes");
    expect(directory.deleted.map(({ doc_id }: { doc_id: string }) => doc_id)).toEqual([
      "docs/my lease.pdf",
      "docs/old/d.pdf",
    ]);
    expect(directory).toMatchObject({ code: 1, unknown: ["elsewhere", "nosuch"] });
  });
});

describe("a .env file", () => {
  it.each([
    ["with a byte order mark", (text: string) => Buffer.from(`\uFEFF${text}`)],
    ["with line ends of Windows", (text: string) => Buffer.from(text.replaceAll("\n", "\r\n"))],
    ["in UTF-16, as PowerShell writes it", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le")],
  ])("is read %s", async (_, encode) => {
    const space = await Workspace.open({}, ["docs/a.pdf"]);
    try {
      const { UNSILOED_API_KEY, ...env } = space.env;
      await writeFile(
        path.join(space.cwd, ".env"),
        encode(`UNSILOED_API_KEY=${UNSILOED_API_KEY}\nOTHER="x y"\n`),
      );
      const { code, stderr } = await space.cli(["ingest", "docs", ...FAST], { env });
      expect(stderr).not.toContain("API_KEY_MISSING");
      expect(code).toBe(0);
    } finally {
      await space.close();
    }
  });
});
