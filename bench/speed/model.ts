import path from "node:path";
import { runChild } from "../support/child.js";
import type { Outcome } from "../support/outcome.js";

/** Measures how fast the bundled model is ready, and how fast it embeds. */
export const model = async (texts: number): Promise<Outcome> => {
  const run = await runChild(path.join(import.meta.dirname, "model-run.ts"), String(texts));
  const row = {
    "first question, CPU ms": run.get("firstCpuMs") ?? 0,
    "texts a CPU second": run.get("textsPerCpuSecond") ?? 0,
    "peak MB": run.get("peakMb") ?? 0,
  };
  return { title: `Bundled model: ${texts} texts of three sentences`, rows: [row], missed: [] };
};
