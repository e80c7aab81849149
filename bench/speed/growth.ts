import path from "node:path";
import { runChild, start } from "../support/child.js";
import { missedOf, type Outcome } from "../support/outcome.js";
import { writeResults } from "./workload.js";

const MOST_TIME_GROWTH = 1.15;
/** The allowed ratio of the peak memory with the most segments to that with a tenth of them. */
const MOST_MEMORY_GROWTH = 1.15;

export interface GrowthOptions {
  /** Numbers of segments, ascending. */
  sizes: readonly number[];
  /** Segments in each document. */
  segments: number;
  directory: string;
}

const file = (name: string): string => path.join(import.meta.dirname, name);

/** Measures the cost of a segment for growing numbers of documents. */
export const growth = async ({ sizes, segments, directory }: GrowthOptions): Promise<Outcome> => {
  const { files } = await writeResults(directory, 8, segments);
  const { child, told } = await start(file("services.ts"), "none", directory);
  const addresses = [String(told.get("embed")), String(told.get("store"))];
  const rows: { segments: number; seconds: number; microseconds: number; cpu: number; peakMb: number }[] = [];
  try {
    for (const size of sizes) {
      const run = await runChild(
        file("growth-run.ts"),
        String(size),
        ...addresses,
        String(segments),
        ...files,
      );
      const of = (key: string): number => run.get(key) ?? Number.NaN;
      const count = of("segments");
      rows.push({
        segments: count,
        seconds: of("seconds"),
        microseconds: (of("seconds") * 1e6) / count,
        cpu: (of("cpuSeconds") * 1e6) / count,
        peakMb: of("peakMb"),
      });
    }
  } finally {
    child.stdin?.end();
  }
  const [first] = rows;
  const last = rows.at(-1);
  const before = rows.at(-2);
  if (!first || !last || !before) throw new Error("growth needs two sizes");
  const time = last.microseconds / first.microseconds;
  const memory = last.peakMb / before.peakMb;
  return {
    title: `Growth: documents of ${segments} segments with word boxes`,
    rows: rows.map(({ microseconds, cpu, peakMb, ...row }) => ({
      ...row,
      "µs a segment": microseconds,
      "CPU µs a segment": cpu,
      "peak MB": peakMb,
      "peak kB a segment": (peakMb * 1_000) / row.segments,
    })),
    missed: missedOf([
      {
        what: `time a segment with ${last.segments} segments at most ${MOST_TIME_GROWTH} × that with ${first.segments}`,
        found: time,
        holds: time <= MOST_TIME_GROWTH,
      },
      {
        what: `memory with ${last.segments} segments at most ${MOST_MEMORY_GROWTH} × that with ${before.segments}`,
        found: memory,
        holds: memory <= MOST_MEMORY_GROWTH,
      },
    ]),
  };
};
