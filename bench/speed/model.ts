import path from "node:path";
import { runChild } from "../support/child.js";
import type { Outcome } from "../support/outcome.js";

/** Measures the bundled model on one thread and on two. */
export const model = async (texts: number): Promise<Outcome> => {
  const rows: Outcome["rows"] = [];
  for (const threads of [1, 2]) {
    const run = await runChild(
      path.join(import.meta.dirname, "model-run.ts"),
      String(threads),
      String(texts),
    );
    const [speed = 0, memory = 0] = [run.get("textsPerSecond"), run.get("peakMb")];
    rows.push({ threads, "texts a second": speed, "peak MB": memory });
  }
  return { title: `Bundled model: ${texts} texts of three sentences`, rows, missed: [] };
};
