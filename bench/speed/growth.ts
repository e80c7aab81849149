import { missedOf, type Outcome } from "../support/outcome.js";
import { compilePipelines } from "./program.js";
import { runRepeat } from "./repeat.js";
import { openServices } from "./services/open.js";
import { writeResults } from "./workload.js";

const MOST_TIME_GROWTH = 1.15;
/** The allowed ratio of the peak memory with the most segments to that with a tenth of them. */
const MOST_MEMORY_GROWTH = 1.1;
/** Results that the documents repeat. */
const RESULTS = 8;

export interface GrowthOptions {
  /** Numbers of segments, ascending. */
  sizes: readonly number[];
  /** Segments in each document. */
  segments: number;
  directory: string;
}

/** Measures the cost of a segment for growing numbers of documents. */
export const growth = async ({ sizes, segments, directory }: GrowthOptions): Promise<Outcome> => {
  await compilePipelines();
  const { files: results } = await writeResults(directory, RESULTS, segments);
  const { addresses, close } = await openServices("free", directory);
  const rows: { segments: number; seconds: number; cpuSeconds: number; peakMb: number }[] = [];
  try {
    for (const size of sizes) {
      const documents = Math.ceil(size / segments);
      const run = await runRepeat({
        addresses,
        documents,
        results,
        store: "qdrant",
        directory,
        hasLedger: false,
      });
      rows.push(run);
    }
  } finally {
    close();
  }
  const [first] = rows;
  const last = rows.at(-1);
  const before = rows.at(-2);
  if (!first || !last || !before) throw new Error("growth needs two sizes");
  const time = last.seconds / last.segments / (first.seconds / first.segments);
  const memory = last.peakMb / before.peakMb;
  return {
    title: `Growth: documents of ${segments} segments with word boxes`,
    rows: rows.map((row) => ({
      segments: row.segments,
      seconds: row.seconds,
      "µs a segment": (row.seconds * 1e6) / row.segments,
      "CPU µs a segment": (row.cpuSeconds * 1e6) / row.segments,
      "peak MB": row.peakMb,
      "peak kB a segment": (row.peakMb * 1_000) / row.segments,
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
