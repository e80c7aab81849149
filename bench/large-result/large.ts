import path from "node:path";
import { start } from "../support/child.js";
import { missedOf, type Outcome } from "../support/outcome.js";
import { largeResult } from "./generate.js";

const MOST_MEMORY_MB = 250;
const LEAST_SPEED = 0.8;
/** The largest part that is parsed as one string, in megabytes. */
const PARSED_AT_ONCE = 100;

const WAYS = [
  ["no", "segments"],
  ["documents", "Documents"],
  ["words", "segments with their word boxes"],
  ["packed", "segments with their word boxes as numbers"],
] as const;

const script = (name: string): string => path.join(import.meta.dirname, name);

/** Speed in megabytes per second of wall-clock time, and of processor time, which is independent of other work on the machine. */
interface Speed {
  clock: number;
  processor: number;
}

/** Measures the speed of `JSON.parse`. */
const parseSpeed = async (size: number): Promise<Speed> => {
  const slice = Buffer.concat([...(await largeResult(Math.min(size, PARSED_AT_ONCE))).pieces()]);
  const used = process.cpuUsage();
  const begun = performance.now();
  JSON.parse(slice.toString("utf8"));
  const clock = slice.length / 1e3 / (performance.now() - begun);
  const { user, system } = process.cpuUsage(used);
  return { clock, processor: slice.length / (user + system) };
};

export interface LargeOptions {
  /** Megabytes. */
  size: number;
  /** Whether the result is one chunk. @default false */
  oneChunk?: boolean;
}

/** Reads a result of any size over HTTP in several ways, and compares it with `JSON.parse` of a part of it. */
export const large = async ({ size, oneChunk = false }: LargeOptions): Promise<Outcome> => {
  const { child: server, told } = await start(script("serve.ts"), String(size), oneChunk ? "one-chunk" : "");
  const bytes = Number(told.get("bytes"));
  const rows: Outcome["rows"] = [];
  const targets: Parameters<typeof missedOf>[0][number][] = [];
  try {
    for (const [how, name] of WAYS) {
      // Measured before and after, because other work on the machine changes.
      const before = await parseSpeed(size);
      const { told: read, ended } = await start(script("read.ts"), String(told.get("url")), how);
      await ended;
      const after = await parseSpeed(size);
      if (read.get("segments") !== told.get("segments"))
        throw new Error(`read ${read.get("segments")} segments of ${told.get("segments")}`);
      const parsing = (before.processor + after.processor) / 2;
      const speed = bytes / 1e6 / Number(read.get("cpuSeconds"));
      const memory = Number(read.get("peakMb"));
      rows.push({
        "read as": name,
        "MB/s": bytes / 1e6 / Number(read.get("seconds")),
        "`JSON.parse`": (before.clock + after.clock) / 2,
        "MB per CPU second": speed,
        "`JSON.parse` per CPU second": parsing,
        ratio: speed / parsing,
        "peak MB": memory,
      });
      targets.push(
        {
          what: `${name}: at most ${MOST_MEMORY_MB} MB of memory`,
          found: memory,
          holds: memory <= MOST_MEMORY_MB,
        },
        {
          what: `${name}: at least ${LEAST_SPEED} of the speed of JSON.parse by processor time`,
          found: speed / parsing,
          holds: speed >= LEAST_SPEED * parsing,
        },
      );
    }
  } finally {
    server.stdin?.end();
  }
  const megabytes = Math.round(bytes / 1e6).toLocaleString("en");
  return {
    title: `Large result: ${megabytes} MB, ${told.get("segments")} segments, from 127.0.0.1`,
    rows,
    missed: missedOf(targets),
  };
};
