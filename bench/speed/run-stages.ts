// Runs the stages one after the other in their own process, and prints how many units each processes per second of
// wall-clock time and of processor time.
//
//   run-stages.ts REPEATS DIRECTORY FILE…
import { stopwatch, tell } from "../support/child.js";
import { median } from "../support/outcome.js";
import { stagesOf } from "./stage-work.js";

/** Runs that are not counted, because V8 is still compiling; a run of thousands of documents does not notice it. */
const MOST_WARMING = 8;

const [, , repeats, directory = "", ...files] = process.argv;
const told: Record<string, number> = {};
for (const { name, unit, count, work } of await stagesOf(files, directory)) {
  const byClock: number[] = [];
  const byProcessor: number[] = [];
  const warming = Math.min(MOST_WARMING, Number(repeats));
  for (let turn = 0; turn < warming + Number(repeats); turn++) {
    const stop = stopwatch();
    await work();
    const { seconds, cpuSeconds } = stop();
    if (turn < warming) continue;
    byClock.push(count / seconds);
    byProcessor.push(count / cpuSeconds);
  }
  told[`${name}|${unit}|clock`] = median(byClock);
  told[`${name}|${unit}|processor`] = median(byProcessor);
}
tell(told);
process.exit(0);
