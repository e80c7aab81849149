import { mkdir, rename, rm } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("the command after files were removed or moved", () => {
  let space: Workspace;
  afterEach(() => space.close());

  const idsIn = async (): Promise<string[]> =>
    (await space.json("status", "--all")).listed.map(({ doc_id }: { doc_id: string }) => doc_id);

  it("prunes documents of a directory that is gone, but not of one that is empty", async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/mounted/b.pdf", "docs/mounted/deep/c.pdf"]);
    await space.json("ingest", "docs", ...FAST);
    const all = ["docs/a.pdf", "docs/mounted/b.pdf", "docs/mounted/deep/c.pdf"];
    expect(await idsIn()).toEqual(all);

    await rm(space.path("docs/mounted"), { recursive: true });
    await mkdir(space.path("docs/mounted"));
    const plan = await space.json("plan", "docs", "--prune");
    expect(plan.prune).toEqual([]);
    const kept = await space.cli(["ingest", "docs", "--prune", ...FAST]);
    for (const { stderr } of [plan, kept])
      expect(stderr).toContain(
        `${space.path("docs/mounted")}: the directory is empty and may not be mounted`,
      );
    expect(kept.stderr).toContain("2 documents below it are kept");
    expect(await idsIn()).toEqual(all);

    await rm(space.path("docs/mounted"), { recursive: true });
    const pruned = await space.cli(["ingest", "docs", "--prune", ...FAST]);
    expect(pruned.stdout).toMatch(/\npruned: {5}2 documents, \d+ points\n/);
    expect(await idsIn()).toEqual(["docs/a.pdf"]);
  });

  it("prunes only the collection that is named", async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/b.pdf"]);
    await space.json("ingest", "docs", ...FAST);
    await rm(space.path("docs/b.pdf"));
    const other = ["ingest", "docs", "--prune", "--collection", "other", ...FAST];
    const { stderr } = await space.cli(other);
    expect(stderr).toContain("(unsiloed): 1 document without a file is kept there");
    expect(await idsIn()).toEqual(["docs/a.pdf", "docs/b.pdf"]);
    const { pruned } = await space.json("ingest", "docs", "--prune", ...FAST);
    expect(pruned).toEqual({ documents: 1, points: expect.any(Number) });
    expect(pruned.points).toBeGreaterThan(0);
    expect(await idsIn()).toEqual(["docs/a.pdf"]);
  });

  it("prunes from any working directory, also after the root was moved", async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/b.pdf", "docs/c.pdf"]);
    await space.json("ingest", "docs", ...FAST);
    await mkdir(space.path("elsewhere"));
    const from = (...args: string[]) =>
      space.jsonFrom(space.path("elsewhere"), ...args, "--state", "../.unsiloed", "--store", STORE, ...FAST);
    await rm(space.path("docs/b.pdf"));
    await from("ingest", "../docs", "--root", "..", "--prune");
    expect(await idsIn()).toEqual(["docs/a.pdf", "docs/c.pdf"]);

    await mkdir(space.path("moved"));
    await rename(space.path("docs"), space.path("moved/docs"));
    await rm(space.path("moved/docs/c.pdf"));
    await from("ingest", "../moved/docs", "--root", "../moved", "--prune");
    expect(await idsIn()).toEqual(["docs/a.pdf"]);
    expect(space.emulator.submissions).toBe(3);
  });

  const STORE = "lancedb:../.unsiloed/lancedb";

  it("retries documents from another working directory", async () => {
    let heals = false;
    const results = () => (heals ? { chunks: [] } : { fail: "no such font" });
    space = await Workspace.open({ results }, ["docs/a.pdf"]);
    await space.json("ingest", "docs", ...FAST);
    await mkdir(space.path("elsewhere"));
    heals = true;
    const args = ["retry", "--state", "../.unsiloed", "--store", STORE, ...FAST];
    const again = await space.jsonFrom(space.path("elsewhere"), ...args);
    expect(again.failures).toMatchObject([{ doc_id: "docs/a.pdf", code: "EMPTY_RESULT" }]);
    expect(space.emulator.submissions).toBe(2);
  });
});
