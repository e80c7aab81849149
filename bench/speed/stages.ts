import path from "node:path";
import { runChild } from "../support/child.js";
import { missedOf, type Outcome } from "../support/outcome.js";
import { writeResults } from "./workload.js";

const LEAST: ReadonlyMap<string, number> = new Map([
  ["splitting text", 20_000],
  ["splitting tables", 100_000],
]);

export interface StagesOptions {
  documents: number;
  segments: number;
  repeats: number;
  directory: string;
}

/** Measures each stage alone. */
export const stages = async (options: StagesOptions): Promise<Outcome> => {
  const { documents, segments, repeats, directory } = options;
  const { files } = await writeResults(directory, documents, segments);
  const script = path.join(import.meta.dirname, "run-stages.ts");
  const speeds = await runChild(script, String(repeats), path.join(directory, "lancedb"), ...files);
  const rows = [...speeds].flatMap(([key, speed]) => {
    const [stage = "", unit = "", by = ""] = key.split("|");
    if (by !== "clock") return [];
    const byProcessor = speeds.get(`${stage}|${unit}|processor`) ?? Number.NaN;
    return [{ stage, unit, "a second": speed, "a CPU second": byProcessor }];
  });
  // Other work on the machine affects wall-clock time more than processor time.
  const targets = rows.flatMap(({ stage, unit, "a CPU second": found }) => {
    const least = LEAST.get(stage);
    if (least === undefined) return [];
    return [
      { what: `${stage}: at least ${least} ${unit} a second of one core`, found, holds: found >= least },
    ];
  });
  const title = `Stages: ${documents} documents of ${segments} segments, median of ${repeats}`;
  return { title, rows, missed: missedOf(targets) };
};
