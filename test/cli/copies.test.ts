import { copyFile, mkdir, rename } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

/** A result with a title of its own, so that the name of its file is not in the texts that are embedded. */
const RESULT = {
  chunks: [
    {
      segments: [
        { segment_type: "Title", content: "Lease of the warehouse", page_number: 1 },
        { segment_type: "Text", content: "Notice is given in writing.", page_number: 1 },
      ],
    },
  ],
};

describe("a file that was renamed, moved or copied", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({ results: RESULT }, ["docs/lease.pdf"]);
    expect((await ingest()).sources).toMatchObject({ succeeded: 1, reused: 0 });
  });
  afterEach(() => space.close());

  const ingest = (...more: string[]) => space.json("ingest", "docs", ...FAST, ...more);
  const texts = () => space.openai.requests.reduce((sum, { inputs }) => sum + inputs.length, 0);

  it("is planned as reuse, which names the other document and what of it is used", async () => {
    await copyFile(space.path("docs/lease.pdf"), space.path("docs/copy.pdf"));
    for (const name of ["new.pdf", "second.pdf"]) await space.write(`docs/${name}`, "new");
    const plan = await space.json("plan", "docs");
    expect(plan.actions).toEqual({ unchanged: 1, reuse: 2, submit: 1 });
    expect(plan.documents).toMatchObject([
      { action: "reuse", reuse: { doc_id: "docs/lease.pdf", what: "result" }, embed: { texts: 0 } },
      { doc_id: "docs/lease.pdf", action: "unchanged" },
      { doc_id: "docs/new.pdf", action: "submit" },
      { action: "reuse", reuse: { doc_id: "docs/new.pdf", what: "submission" } },
    ]);
    const { stdout } = await space.cli(["plan", "docs"]);
    expect(stdout).toContain(
      "REUSE docs/copy.pdf by the kept result of docs/lease.pdf, which has the same content, add 1",
    );
    expect(stdout).toContain("parsing:   1 submission,");
    expect((await ingest()).sources).toMatchObject({ succeeded: 4, unchanged: 1, reused: 2 });
    expect(space.emulator.submissions).toBe(2);
  });

  it("takes the parse job, where no result is kept", async () => {
    await copyFile(space.path("docs/lease.pdf"), space.path("other.pdf"));
    const none = ["--keep-results", "none", "--state", "apart", "--collection", "apart"];
    await space.json("ingest", "docs", ...FAST, ...none);
    const { submissions } = space.emulator;
    const apart = none.slice(2);
    expect((await space.json("plan", "other.pdf", ...apart)).documents).toMatchObject([
      { action: "reuse", reuse: { doc_id: "docs/lease.pdf", what: "job" } },
    ]);
    expect(await space.json("ingest", "other.pdf", ...FAST, ...none)).toMatchObject({
      failures: [],
      sources: { reused: 1 },
    });
    expect(space.emulator.submissions).toBe(submissions);
  });

  it("is moved by --prune without a submission and without a text that is embedded", async () => {
    const sent = texts();
    await rename(space.path("docs/lease.pdf"), space.path("docs/warehouse.pdf"));
    const moved = await ingest("--prune");
    expect(moved).toMatchObject({ failures: [], sources: { reused: 1 }, points: { upserted: 1 } });
    expect(moved.stderr).toContain("docs/warehouse.pdf: same content as docs/lease.pdf");
    expect(moved.pruned).toEqual({ documents: 1, points: 1 });
    expect(texts()).toBe(sent);
    const { hits } = await space.json("search", "notice", "--mode", "text");
    expect(hits.map(({ metadata }: { metadata: { doc_id: string } }) => metadata.doc_id)).toEqual([
      "docs/warehouse.pdf",
    ]);
    // The result that was kept for the former name is gone, and not needed.
    await ingest("--chunk-size", "100");
    expect(space.emulator.submissions).toBe(1);
  });

  it("keeps its former name while documents are not finished, as they may need its parse", async () => {
    await space.restart();
    const names = Array.from({ length: 12 }, (_, n) => `${n}.pdf`);
    for (const name of names) await space.write(`many/${name}`);
    const none = ["--keep-results", "none", "--state", "apart", "--collection", "apart", ...FAST];
    await space.json("ingest", "many", ...none);
    for (const name of names) await rename(space.path(`many/${name}`), space.path(`many/new-${name}`));
    // The name is part of the texts, which are embedded again.
    space.openai.faults.push({ kind: "error", status: 401 });
    const stopped = await space.json("ingest", "many", "--prune", "--concurrency", "1", ...none);
    expect(stopped.sources.unfinished).toBeGreaterThan(0);
    expect(stopped.stderr).toContain("nothing is pruned");
    const finished = await space.json("ingest", "many", "--prune", ...none);
    expect(finished).toMatchObject({ failures: [], sources: { succeeded: names.length } });
    expect(finished.pruned).toMatchObject({ documents: 12 });
    expect(space.emulator.submissions).toBe(names.length);
  });

  it("costs nothing from another directory with the same state", async () => {
    await mkdir(space.path("elsewhere"));
    const place = ["--state", "../.unsiloed", "--store", "lancedb:../.unsiloed/lancedb", ...FAST];
    const report = await space.jsonFrom(space.path("elsewhere"), "ingest", "../docs/lease.pdf", ...place);
    expect(report).toMatchObject({ failures: [], sources: { succeeded: 1, reused: 1 } });
    const rooted = ["--root", "../docs", ...place];
    expect(
      await space.jsonFrom(space.path("elsewhere"), "ingest", "../docs/lease.pdf", ...rooted),
    ).toMatchObject({ sources: { reused: 1 } });
    expect((await space.json("status", "--all")).documents).toMatchObject({ total: 3, stored: 3 });
    expect(space.emulator.submissions).toBe(1);
  });

  it("is submitted once by two commands at the same time", async () => {
    for (const name of ["a.pdf", "b.pdf"]) await space.write(name, "new");
    space.ownProcesses = true;
    const reports = await Promise.all(["a.pdf", "b.pdf"].map((name) => space.json("ingest", name, ...FAST)));
    expect(reports.map(({ failures }) => failures)).toEqual([[], []]);
    expect(reports.map(({ sources }) => sources.reused).sort()).toEqual([0, 1]);
    expect(space.emulator.submissions).toBe(2);
  });
});
