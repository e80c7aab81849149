import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IngestEvent } from "../../src/ingest/run/events.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { lookAt } from "../support/faults/oracle.js";
import { type RunOptions, World, type WorldOptions } from "../support/faults/world.js";

const ONE = { "one/a.pdf": "alpha one" };
const MOVED = { "two/a.pdf": "alpha one" };
const COPIED = { ...ONE, ...MOVED };

describe("documents with the same bytes", () => {
  let world: World;
  const open = async (options: WorldOptions = {}) => {
    world = await World.open({ store: "lancedb", ...options });
    world.files = ONE;
  };
  beforeEach(() => open());
  afterEach(() => world.close());

  const noneKept = () => new KeptResults({ directory: world.path("none"), mode: "none" });

  const run = async (options: RunOptions = {}) => {
    const events: IngestEvent[] = [];
    const { report, error } = await world.run({ onEvent: (event) => events.push(event), ...options });
    if (!report) throw error;
    const reuses = events.flatMap((event) =>
      event.type === "source-reused" ? [[event.doc_id, event.from, event.what]] : [],
    );
    return { ...report, reuses, events };
  };

  const codes = ({ failures }: { failures: readonly { code: string }[] }) => failures.map(({ code }) => code);
  const record = async (docId: string) => {
    const ledger = world.openLedger();
    return ledger.get(docId).finally(() => ledger.close());
  };
  const textsSent = () => world.openai.requests.reduce((sum, { inputs }) => sum + inputs.length, 0);

  it("are submitted once in one run, and the second takes the result of the first", async () => {
    world.files = COPIED;
    const report = await run();
    expect(codes(report)).toEqual([]);
    expect(report.sources).toMatchObject({ total: 2, succeeded: 2, reused: 1 });
    expect(report.reuses).toHaveLength(1);
    const waiting = report.events.filter(({ type }) => type === "source-parsed-elsewhere");
    expect(waiting.length).toBeLessThanOrEqual(1);
    expect(world.emulator.submissions).toBe(1);
    const found = await lookAt(world);
    expect(found["one/a.pdf"]?.points).toHaveLength(2);
    expect(found["two/a.pdf"]?.points).toHaveLength(2);
  });

  it("are submitted once where a run has many of them", async () => {
    world.files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`${n}/a.pdf`, "alpha one"]));
    const report = await run();
    expect(report.sources).toMatchObject({ total: 40, succeeded: 40, reused: 39 });
    expect(world.emulator.submissions).toBe(1);
  });

  it("are submitted once in two runs, without a call of the service or a text that is embedded again", async () => {
    await run();
    const requests = world.emulator.requests.length;
    const texts = textsSent();
    world.files = MOVED;
    const report = await run();
    expect(report.sources).toMatchObject({ succeeded: 1, reused: 1 });
    expect(report.reuses).toEqual([["two/a.pdf", "one/a.pdf", "result"]]);
    expect(world.emulator.requests.length).toBe(requests);
    expect(textsSent()).toBe(texts);
    expect((await run()).sources).toMatchObject({ unchanged: 1, reused: 0 });
  });

  it("are submitted once in two runs at the same time", async () => {
    world.files = COPIED;
    const sources = async function* (wanted: string) {
      for await (const source of world.loader().sources()) if (source.docId === wanted) yield source;
    };
    const [one, two] = await Promise.all([
      run({ sources: sources("one/a.pdf") }),
      run({ sources: sources("two/a.pdf") }),
    ]);
    expect([one.sources.succeeded, two.sources.succeeded]).toEqual([1, 1]);
    expect(one.sources.reused + two.sources.reused).toBe(1);
    expect(world.emulator.submissions).toBe(1);
  });

  it("share a parse job where results are not kept", async () => {
    await run({ results: noneKept() });
    world.files = COPIED;
    const report = await run({ results: noneKept() });
    expect(report.reuses).toEqual([["two/a.pdf", "one/a.pdf", "job"]]);
    expect(world.emulator.submissions).toBe(1);
    expect((await record("two/a.pdf"))?.job_id).toBe(world.emulator.jobs[0]?.jobId);
    // Each run finds the job again by the document's own record.
    world.files = MOVED;
    expect(codes(await run({ results: noneKept(), filter: { pageHeaders: true } }))).toEqual([]);
    expect(world.emulator.submissions).toBe(1);
  });

  it("keep a result each, so that it stays when the other document is deleted", async () => {
    await run();
    world.files = COPIED;
    await run();
    const results = new KeptResults({ directory: world.path("results") });
    expect((await results.size()).results).toBe(2);
    expect(await results.delete("one/a.pdf")).toBe(true);
    const requests = world.emulator.requests.length;
    world.files = MOVED;
    expect((await run({ filter: { pageHeaders: true } })).sources).toMatchObject({ succeeded: 1, reused: 0 });
    expect(world.emulator.requests.length).toBe(requests);
  });

  it("are submitted again with other parse options", async () => {
    await run();
    world.files = MOVED;
    await run({ sources: world.loader({ merge_tables: true }).sources() });
    expect(world.emulator.submissions).toBe(2);
  });

  it.each(["failed", "cancelled"] as const)("do not share a job that %s", async (fault) => {
    world.emulator.addFault({ on: "status", fault });
    expect((await run()).sources.failed).toBe(1);
    world.files = COPIED;
    const report = await run();
    // The first still needs a retry.
    expect(report.failures.map(({ doc_id }) => doc_id)).toEqual(["one/a.pdf"]);
    expect(report.sources).toMatchObject({ succeeded: 1, failed: 1, reused: 0 });
    expect(world.emulator.submissions).toBe(2);
    // Now there is a result that costs nothing.
    expect((await run({ retryFailedJobs: true })).sources).toMatchObject({ reused: 1, succeeded: 2 });
    expect(world.emulator.submissions).toBe(2);
  });

  it("do not share a job that fails while the second waits for it", async () => {
    const drain = new AbortController();
    const onEvent = (event: IngestEvent) => {
      if (event.type === "source-status" && event.status.jobId) drain.abort();
    };
    await run({ drain: drain.signal, onEvent });
    expect((await record("one/a.pdf"))?.state).toBe("submitted");
    world.emulator.addFault({ on: "status", fault: "failed" });
    world.files = MOVED;
    const report = await run();
    expect(report.reuses).toEqual([["two/a.pdf", "one/a.pdf", "job"]]);
    expect(report.sources).toMatchObject({ succeeded: 1, reused: 0 });
    expect(world.emulator.submissions).toBe(2);
  });

  it.each(["not_found", "forbidden"] as const)("do not fail by a job that is %s", async (fault) => {
    await run({ results: noneKept() });
    world.emulator.addFault({ on: "status", fault, times: 1 });
    world.files = MOVED;
    const report = await run({ results: noneKept() });
    expect(codes(report)).toEqual([]);
    expect(report.sources.reused).toBe(0);
    expect(world.emulator.submissions).toBe(2);
    expect((await record("two/a.pdf"))?.job_id).toBe(world.emulator.jobs[1]?.jobId);
  });

  it("do not share a short result", async () => {
    world.emulator.addFault({ on: "result", fault: "short" });
    expect(codes(await run())).toEqual(["INCOMPLETE_RESULT"]);
    world.files = MOVED;
    const report = await run();
    expect(codes(report)).toEqual([]);
    expect(report.segments).toMatchObject({ total: 3, stored: 2 });
    expect(world.emulator.submissions).toBe(2);
  });

  it("leave a job whose result turns out short", async () => {
    await run({ results: noneKept() });
    world.emulator.addFault({ on: "result", fault: "short" });
    world.files = MOVED;
    const report = await run({ results: noneKept() });
    expect(codes(report)).toEqual([]);
    expect(report.segments).toMatchObject({ total: 3, stored: 2 });
    expect(world.emulator.submissions).toBe(2);
  });

  it("are each submitted when the first is refused", async () => {
    world.emulator.addFault({ on: "submit", fault: "unsupported" });
    world.files = COPIED;
    const report = await run();
    expect(report.sources).toMatchObject({ failed: 1, succeeded: 1, reused: 0 });
    expect(world.emulator.submissions).toBe(1);
  });

  it("wait for the first if it is being sent and may have been paid for", async () => {
    world.emulator.addFault({ on: "submit", fault: "reset_after_accept" });
    world.files = COPIED;
    const report = await run();
    expect(codes(report)).toEqual(["SUBMISSION_UNKNOWN", "SUBMISSION_UNKNOWN"]);
    expect(world.emulator.submissions).toBe(1);
    const sent = report.failures[0]?.doc_id ?? "";
    expect(report.failures[1]?.message).toContain(`"${sent}" has the same content`);
    // Only the one that was sent is of unknown outcome.
    const states = await Promise.all(Object.keys(COPIED).map(async (docId) => (await record(docId))?.state));
    expect(states.sort()).toEqual(["failed", "submitting"]);
    expect(codes(await run())).toEqual(["SUBMISSION_UNKNOWN", "SUBMISSION_UNKNOWN"]);
    const allowed = await run({ resubmitUnknown: true });
    expect(allowed.sources).toMatchObject({ succeeded: 2, reused: 1 });
    expect(world.emulator.submissions).toBe(2);
  });

  it("settle an unknown outcome by the result of another", async () => {
    world.emulator.addFault({ on: "submit", fault: "reset_after_accept" });
    await run();
    world.files = MOVED;
    await run({ resubmitUnknown: true });
    world.files = COPIED;
    expect((await run()).sources).toMatchObject({ succeeded: 2, reused: 1 });
    expect(world.emulator.submissions).toBe(2);
  });
});
