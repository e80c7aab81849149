import type { Repeat, Repeated } from "./pipelines/work.js";
import { programOf, runProgram, type Used } from "./program.js";

/** Runs `repeat.js`, whose pipelines must be compiled. */
export const runRepeat = async (repeat: Repeat): Promise<Repeated & Used> => {
  const { stdout, ...used } = await runProgram([programOf("repeat"), JSON.stringify(repeat)]);
  const told: Repeated = JSON.parse(stdout);
  return { ...told, ...used };
};
