import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";

const PASSWORD = "p4ss-w0rd-of-the-database";

describeWithPostgres("the command with its ledger in PostgreSQL", () => {
  let space: Workspace;
  let state: string[];
  beforeEach(async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/b.pdf"]);
    const address = new URL(await createDatabase());
    address.password = PASSWORD;
    state = ["--state", address.href];
  });
  afterEach(() => space.close());
  const json = (...args: string[]) => space.json(...args, ...state);

  it("says what to do before its tables are created, and creates them once", async () => {
    const refused = await space.cli(["ingest", "docs", ...FAST, ...state]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('"unsiloed-ingest migrate"') });
    expect(space.emulator.submissions).toBe(0);
    const created = await space.cli(["migrate", ...state]);
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/ledger: created, version 1/) });
    const again = await json("migrate");
    expect(again.tables).toMatchObject([
      { name: "ledger", from: 1, to: 1 },
      { name: "budget", from: 3, to: 3 },
      { name: "queue", from: expect.any(Number), to: again.tables[2].from },
    ]);
    expect(`${refused.stderr}${created.stdout}${JSON.stringify(again)}`).not.toContain(PASSWORD);
  });

  it("needs no migration for a directory", async () => {
    expect(await space.cli(["migrate", "--state", "here"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--state: expected postgres://…"),
    });
  });

  it("ingests, plans, retries, prunes, deletes and repairs", async () => {
    await json("migrate");
    expect((await json("plan", "docs")).actions).toEqual({ submit: 2 });
    expect(await json("ingest", "docs", ...FAST)).toMatchObject({ code: 0, sources: { succeeded: 2 } });
    expect(existsSync(space.path(".unsiloed/ledger"))).toBe(false);
    expect((await json("status")).documents).toEqual({ total: 2, stored: 2 });
    expect(await json("ingest", "docs", ...FAST)).toMatchObject({ sources: { unchanged: 2 } });
    expect((await json("plan", "docs", "--chunk-size", "20")).actions).toEqual({ store: 2 });
    expect(await json("retry", ...FAST)).toMatchObject({ code: 0, enqueued: 0, already_queued: 0 });
    expect(await json("delete", "docs/b.pdf", "--yes")).toMatchObject({
      deleted: [{ doc_id: "docs/b.pdf" }],
    });
    expect((await json("repair")).left).toEqual(["docs/a.pdf"]);
    expect(await json("ingest", "docs", ...FAST)).toMatchObject({ sources: { succeeded: 2, unchanged: 1 } });
    await rm(space.path("docs/a.pdf"));
    expect((await json("ingest", "docs", "--prune", ...FAST)).pruned).toMatchObject({ documents: 1 });
    expect((await json("status")).documents).toEqual({ total: 1, stored: 1 });
    expect(space.emulator.submissions).toBe(3);
  });

  it("shares it with a machine that has nothing else, which pays for nothing", async () => {
    await json("migrate");
    await json("ingest", "docs", ...FAST);
    await rm(space.path(".unsiloed/results"), { recursive: true });
    await rm(space.path(".unsiloed/embeddings"), { recursive: true });
    expect((await json("plan", "docs", "--chunk-size", "20")).actions).toEqual({ resume: 2 });
    expect(await json("ingest", "docs", "--chunk-size", "20", ...FAST)).toMatchObject({
      sources: { succeeded: 2 },
    });
    expect(space.emulator.submissions).toBe(2);
  });

  it("has its ledger checked by doctor", async () => {
    const ledger = async () => {
      const { checks } = await json("doctor");
      return checks.find(({ name }: { name: string }) => name === "ledger");
    };
    expect(await ledger()).toMatchObject({ status: "failed", message: expect.stringContaining("migrate") });
    await json("migrate");
    expect(await ledger()).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/^postgres:\/\/127/),
    });
  });

  it("is found from a directory below that of the config file", async () => {
    await json("migrate");
    await writeFile(space.path("unsiloed.config.json"), JSON.stringify({ sources: ["docs"] }));
    const below = { cwd: space.path("docs"), env: { ...space.env, HOME: space.cwd } };
    const { stdout } = await space.cli(["plan", "--json", ...state], below);
    expect(JSON.parse(stdout).actions).toEqual({ submit: 2 });
  });
});
