import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { LogStyle } from "../../../src/cli/terminal/log-style.js";
import { Progress } from "../../../src/cli/terminal/progress.js";
import type { Terminal } from "../../../src/cli/terminal/terminal.js";
import type { IngestFailure } from "../../../src/ingest/run/report.js";

/** A terminal that keeps what it is told. */
const recording = (log: LogStyle) => {
  const said: string[] = [];
  let parts: (() => readonly string[]) | undefined;
  const keep = (line: string) => void said.push(line);
  const out: Terminal = {
    log,
    print: keep,
    say: keep,
    warn: keep,
    json: () => undefined,
    fail: () => undefined,
    refuse: () => undefined,
    event: () => undefined,
    status: (shown) => {
      parts = shown;
    },
  };
  return { out, said, line: () => parts?.().join("  ") };
};

const about = (doc_id: string) => ({ source: doc_id, doc_id });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("shows elapsed time, done of total, failures, credits and what is being done", () => {
  const { out, said, line } = recording("live");
  const progress = new Progress(out, 5);
  progress.on({ type: "source-status", status: { state: "Processing" }, ...about("a") });
  progress.on({ type: "source-parsed", segments: 7, credits: 3, ...about("b") });
  progress.on({ type: "source-stored", upserted: 4, unchanged: 1, deleted: 0, ...about("c") });
  progress.on({ type: "source-ended", outcome: "stored", code: null, retryable: false, ...about("c") });
  progress.on({ type: "source-claimed-elsewhere", ...about("d") });
  const failure: IngestFailure = { ...about("e"), stage: "parse", code: "JOB_FAILED", message: "no pages" };
  progress.on({ type: "source-failed", failure, ...about("e") });
  progress.on({
    type: "source-ended",
    outcome: "failed",
    code: "JOB_FAILED",
    retryable: false,
    ...about("e"),
  });
  progress.on({
    type: "source-ended",
    outcome: "unfinished",
    code: "ABORTED",
    retryable: true,
    ...about("f"),
  });
  vi.advanceTimersByTime(62_000);
  expect(line()).toBe(
    "2/5 sources  1:02  1 failed  1 parsing  1 embedding  1 waiting  3 credits  7 segments  5 points",
  );
  expect(said).toEqual([
    "d: claimed by another run; waiting for that run",
    "e: failed in stage parse: JOB_FAILED: no pages",
  ]);
  progress.stop();
  expect(line()).toBeUndefined();
});

it("sums up in plain lines after a silent minute, and only then", () => {
  const { out, said } = recording("lines");
  const progress = new Progress(out, 2);
  vi.advanceTimersByTime(50_000);
  progress.on({ type: "source-status", status: { state: "Processing" }, ...about("a") });
  vi.advanceTimersByTime(59_000);
  expect(said).toEqual(["a: Processing"]);
  vi.advanceTimersByTime(1_000);
  expect(said.at(-1)).toBe("0/2 sources, 1:50, 1 parsing, 0 segments, 0 points");
  progress.stop();
  vi.advanceTimersByTime(120_000);
  expect(said).toHaveLength(2);
});
