import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { missedOf, type Outcome } from "../support/outcome.js";
import type { Repeated } from "./pipelines/work.js";
import { compilePipelines } from "./program.js";
import { runRepeat } from "./repeat.js";
import { openServices } from "./services/open.js";
import { writeResults } from "./workload.js";

const SEGMENTS = 3;
/** Results that the documents repeat, each document with an id of its own. */
const RESULTS = 100;
const STORES = ["qdrant", "lancedb"] as const;
/** How much more processor time a document may take towards the end than towards the beginning. */
const MOST_GROWTH = 1.25;

export interface SmallDocumentsOptions {
  documents: number;
  directory: string;
}

/** Milliseconds a document between two marks, which stand at tenths of the documents. */
const between = ({ marks }: Repeated, from: number, to: number, documents: number) => {
  const [first, last] = [marks[from], marks[to]];
  if (!first || !last) throw new Error(`expected ${to + 1} marks, got ${marks.length}`);
  const thousands = ((to - from) * documents) / 10_000;
  return {
    wall: (last.seconds - first.seconds) / thousands,
    cpu: (last.cpuSeconds - first.cpuSeconds) / thousands,
  };
};

/** Measures whether a small document takes as long at the end of a large run as at its beginning. */
export const smallDocuments = async ({ documents, directory }: SmallDocumentsOptions): Promise<Outcome> => {
  await compilePipelines();
  const { files: results } = await writeResults(directory, RESULTS, SEGMENTS);
  const { addresses, takeCounts, close } = await openServices("free", directory);
  const rows: Outcome["rows"] = [];
  const targets: Parameters<typeof missedOf>[0][number][] = [];
  try {
    for (const store of STORES) {
      const state = await mkdtemp(path.join(directory, "state-"));
      await takeCounts();
      const run = await runRepeat({
        addresses,
        documents,
        results,
        store,
        directory: state,
        hasLedger: true,
      });
      const { calls, numbers } = await takeCounts();
      await rm(state, { recursive: true, force: true });
      // The first tenth is left out, in which V8 compiles.
      const early = between(run, 1, 4, documents);
      const late = between(run, 7, 10, documents);
      const growth = late.cpu / early.cpu;
      rows.push({
        store,
        "CPU ms a document, early": early.cpu,
        "CPU ms a document, late": late.cpu,
        "wall ms a document, early": early.wall,
        "wall ms a document, late": late.wall,
        "peak MB": run.peakMb,
        "store kB a document": (numbers.get("storeBytes") ?? Number.NaN) / documents / 1_000,
        "store requests a document": [...calls]
          .map(([call, count]) => `${call} ${(count / documents).toFixed(2)}`)
          .join(", "),
      });
      targets.push({
        what: `${store}: CPU of a small document late in a run at most ${MOST_GROWTH} × that early`,
        found: growth,
        holds: growth <= MOST_GROWTH,
      });
    }
  } finally {
    close();
  }
  const title = `Small documents: ${documents.toLocaleString("en")} of ${SEGMENTS} segments, with a ledger`;
  return { title, rows, missed: missedOf(targets) };
};
