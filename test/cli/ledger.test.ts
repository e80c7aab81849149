import { existsSync } from "node:fs";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../src/emulator/options.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { smallResult } from "../support/parse-service.js";

describe("the command and its ledger", () => {
  let space: Workspace;
  afterEach(() => space.close());

  const start = async (options: Partial<EmulatorOptions> = {}, files = ["a.pdf", "b.pdf"]) => {
    space = await Workspace.open(
      options,
      files.map((file) => `docs/${file}`),
    );
  };
  const cli = (...given: Parameters<Workspace["cli"]>) => space.cli(...given);
  const json = (...args: string[]) => space.json(...args);

  it("continues after Ctrl-C with the jobs that are paid for", async () => {
    let finished = false;
    await start({ states: () => (finished ? ["Succeeded"] : ["Processing"]) }, ["a.pdf"]);
    let sent = false;
    const stopped = await cli(["ingest", "docs", ...FAST], {
      onStderr: (stderr) => {
        if (sent || !stderr.includes("Processing")) return undefined;
        sent = true;
        return "SIGINT";
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain("press Ctrl-C again to stop at once");
    expect(stopped.stderr).toContain("run the same command again");
    const waiting = await json("status");
    expect(waiting.documents).toEqual({ total: 1, waiting: 1 });
    expect(waiting.listed).toMatchObject([{ doc_id: "docs/a.pdf", job_id: space.emulator.jobs[0]?.jobId }]);

    finished = true;
    const { jobId = "", fileName = "" } = space.emulator.jobs[0] ?? {};
    await space.restart();
    space.emulator.addJob({ jobId, fileName });
    const report = await json("ingest", "docs", ...FAST);
    expect(report).toMatchObject({ code: 0, sources: { succeeded: 1, unchanged: 0 } });
    expect(space.emulator.submissions).toBe(0);
  });

  it("parses nothing again when split options change, and plan predicts it", async () => {
    await start();
    const first = await json("ingest", "docs", ...FAST);
    expect(first.points.upserted).toBeGreaterThan(0);
    const requests = space.emulator.requests.length;
    const plan = await json("plan", "docs", "--chunk-size", "20");
    expect(plan.actions).toEqual({ store: 2 });
    expect(plan.points.add).toBeGreaterThan(0);
    const second = await json("ingest", "docs", "--chunk-size", "20", ...FAST);
    expect(second.points).toMatchObject({ upserted: plan.points.add + plan.points.keep });
    expect(second.points.deleted).toBe(plan.points.delete);
    expect(space.emulator.requests).toHaveLength(requests);
    expect((await json("plan", "docs", "--chunk-size", "20")).actions).toEqual({ unchanged: 2 });
    const status = await json("status");
    expect(status.kept_results.results).toBe(2);
    expect(status.kept_results.bytes).toBeGreaterThan(0);
  });

  it("downloads the result again when results are not kept", async () => {
    await start();
    await json("ingest", "docs", "--keep-results", "none", ...FAST);
    expect((await json("status")).kept_results.results).toBe(0);
    expect((await json("plan", "docs", "--chunk-size", "20")).actions).toEqual({ resume: 2 });
    const second = await json("ingest", "docs", "--keep-results", "none", "--chunk-size", "20", ...FAST);
    expect(second.sources).toMatchObject({ succeeded: 2, unchanged: 0 });
    expect(space.emulator.submissions).toBe(2);
  });

  it("changes only what belongs to changed documents", async () => {
    await start({}, ["a.pdf", "b.pdf", "c.pdf"]);
    await json("ingest", "docs", ...FAST);
    await writeFile(space.path("docs/b.pdf"), "%PDF-1.7 another");
    expect((await json("plan", "docs")).actions).toEqual({ unchanged: 2, submit: 1 });
    expect((await json("plan", "docs")).cost.parse_credits).toBe(10);
    const report = await json("ingest", "docs", ...FAST);
    expect(report.sources).toMatchObject({ succeeded: 3, unchanged: 2 });
    expect(space.emulator.submissions).toBe(4);
  });

  it("retries failed documents with the parse options of their submission", async () => {
    let heals = false;
    await start({ results: () => (heals ? smallResult() : { fail: "no such font" }) }, ["a.pdf"]);
    const failed = await json("ingest", "docs", "--parse", "merge_tables=true", ...FAST);
    expect(failed).toMatchObject({ code: 1, failures: [{ stage: "parse", code: "JOB_FAILED" }] });
    const again = await json("ingest", "docs", "--parse", "merge_tables=true", ...FAST);
    expect(again.failures).toMatchObject([
      { code: "JOB_FAILED", message: expect.stringContaining('use "unsiloed-ingest retry"') },
    ]);
    const summary = await cli(["ingest", "docs", "--parse", "merge_tables=true", ...FAST]);
    expect(summary.stdout).toContain(
      'retry:      1 document failed at the service; "unsiloed-ingest retry" submits it again, which costs credits again',
    );
    expect(space.emulator.submissions).toBe(1);
    const text = await cli(["status", "--failed"]);
    expect(text.stdout).toMatch(/FAILED docs\/a\.pdf, job .*JOB_FAILED: .*no such font/);

    heals = true;
    expect(await json("retry", ...FAST)).toMatchObject({ code: 0, sources: { succeeded: 1 } });
    expect(space.emulator.submissions).toBe(2);
    expect(space.emulator.jobs.map(({ options }) => options["merge_tables"])).toEqual([true, true]);
    const nothing = await cli(["retry"]);
    expect(nothing).toMatchObject({ code: 0, stderr: expect.stringContaining("nothing to retry") });
    const sources = { total: 0, succeeded: 0, unchanged: 0, reused: 0, failed: 0, unfinished: 0 };
    expect(await json("retry")).toMatchObject({ code: 0, sources, failures: [], stopped: null });
  });

  it.each([["status"], ["retry"], ["delete", "docs/a.pdf"]])(
    "%s refuses a state directory that does not exist",
    async (...command) => {
      await start();
      const refused = await cli([...command, "--state", "typo"]);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--state: expected") });
      expect(refused.stderr).toContain('got "typo"');
      expect(existsSync(space.path("typo"))).toBe(false);
    },
  );

  it("status shows that there is nothing, and creates nothing", async () => {
    await start();
    expect(await json("status")).toMatchObject({ code: 0, documents: { total: 0 }, listed: [] });
    expect(existsSync(space.path(".unsiloed"))).toBe(false);
  });

  it("sends a document that was blocked for personal data again only when told to", async () => {
    await start({ faults: [{ on: "submit", fault: "pii_blocked", times: 2 }] }, ["a.pdf", "b.pdf"]);
    const one = ["ingest", "docs/a.pdf", ...FAST] as const;
    const blocked = await json(...one);
    const failure = {
      stage: "submit",
      code: "PII_BLOCKED",
      message: expect.stringContaining("high severity"),
    };
    expect(blocked).toMatchObject({ code: 1, failures: [failure] });
    const again = await json(...one);
    expect(again.failures).toEqual(blocked.failures);
    expect((await json("plan", "docs/a.pdf")).documents).toMatchObject([{ action: "fail" }]);
    expect(space.emulator.requests.filter(({ on }) => on === "submit")).toHaveLength(1);
    // The other document is submitted all the same.
    expect((await json("ingest", "docs", ...FAST)).failures).toHaveLength(2);
    expect(await json("retry", ...FAST)).toMatchObject({ code: 0, sources: { succeeded: 2 } });
  });

  it("leaves a submission of unknown outcome alone until the user decides", async () => {
    await start({ faults: [{ on: "submit", fault: "reset_after_accept" }] }, ["a.pdf"]);
    const unknown = { stage: "submit", code: "SUBMISSION_UNKNOWN" };
    expect((await json("ingest", "docs", ...FAST)).failures).toMatchObject([unknown]);
    expect((await json("ingest", "docs", ...FAST)).failures).toMatchObject([
      {
        ...unknown,
        message: expect.stringMatching(/sent this document and never learned .*job:ID.*--doc-id/),
      },
    ]);
    expect((await json("retry", ...FAST)).failures).toMatchObject([unknown]);
    expect((await json("plan", "docs")).actions).toEqual({ unknown: 1 });
    expect((await json("status")).documents).toEqual({ total: 1, unknown: 1 });
    expect(space.emulator.submissions).toBe(1);

    const named = await json(
      "ingest",
      `job:${space.emulator.jobs[0]?.jobId}`,
      "--doc-id",
      "docs/a.pdf",
      ...FAST,
    );
    expect(named.sources).toMatchObject({ succeeded: 1 });
    expect((await json("ingest", "docs", ...FAST)).sources).toMatchObject({ unchanged: 1 });
    expect(space.emulator.submissions).toBe(1);
  });

  it("submits a document of unknown outcome again when that is allowed", async () => {
    await start({ faults: [{ on: "submit", fault: "reset_after_accept" }] }, ["a.pdf"]);
    await json("ingest", "docs", ...FAST);
    const again = await json("ingest", "docs", "--resubmit-unknown", ...FAST);
    expect(again.sources).toMatchObject({ succeeded: 1 });
    expect(space.emulator.submissions).toBe(2);
  });

  it("deletes documents, and prunes those whose files are gone after listing them", async () => {
    await start({}, ["a.pdf", "b.pdf", "c.pdf"]);
    await json("ingest", "docs", ...FAST);
    const { deleted, unknown, code } = await json("delete", "docs/a.pdf", "docs/x.pdf");
    expect({ code, unknown }).toEqual({ code: 1, unknown: ["docs/x.pdf"] });
    expect(deleted).toMatchObject([{ doc_id: "docs/a.pdf", points: expect.any(Number) }]);
    expect(deleted[0].points).toBeGreaterThan(0);

    await rm(space.path("docs/a.pdf"));
    await rm(space.path("docs/b.pdf"));
    expect((await json("plan", "docs", "--prune")).prune).toEqual(["docs/b.pdf"]);
    const pruned = await cli(["ingest", "docs", "--prune", ...FAST]);
    expect(pruned.stderr).toContain("docs/b.pdf: its file no longer exists");
    expect((await json("status", "--all")).listed).toMatchObject([{ doc_id: "docs/c.pdf" }]);
    const found = await json("search", "text", "--k", "50");
    const ids: { metadata: { doc_id: string } }[] = found.hits;
    expect(new Set(ids.map(({ metadata }) => metadata.doc_id))).toEqual(new Set(["docs/c.pdf"]));
  });

  it("rebuilds a lost ledger from the store, so that nothing is paid for again", async () => {
    await start();
    // A process that has had a ledger open does not survive that its file is cut.
    space.ownProcesses = true;
    const first = await json("ingest", "docs", "--keep-results", "none", ...FAST);
    await rm(space.path(".unsiloed/ledger"), { recursive: true });
    // The order depends on which document was stored first.
    const both = expect.arrayContaining(["docs/a.pdf", "docs/b.pdf"]);
    expect(await json("repair")).toMatchObject({ stored: both, unfinished: [] });
    const requests = space.emulator.requests.length;
    const report = await json("ingest", "docs", "--keep-results", "none", ...FAST);
    expect(report.sources).toMatchObject({ succeeded: 2, unchanged: 2 });
    expect(report.points).toEqual({ upserted: 0, unchanged: first.points.upserted, deleted: 0 });
    expect(space.emulator.requests).toHaveLength(requests);
    expect(await json("repair")).toMatchObject({ left: both, stored: [] });

    // Opening a ledger reads only the first pages, so these stay undamaged.
    const ledger = space.path(".unsiloed/ledger/data.mdb");
    const { length } = await readFile(ledger);
    await truncate(ledger, 2 * 4096);
    await truncate(ledger, length);
    const damaged = await json("ingest", "docs", "--keep-results", "none", ...FAST).catch(String);
    expect(JSON.stringify(damaged)).toMatch(/LEDGER_CORRUPT: .*unsiloed-ingest repair/);
    expect(await json("repair")).toMatchObject({ stored: both, left: [] });
    expect((await json("ingest", "docs", ...FAST)).sources).toMatchObject({ unchanged: 2 });
    expect(space.emulator.requests).toHaveLength(requests);
  });
});
