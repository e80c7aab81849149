// The stages one after the other, in a process of their own: prints how many of its unit each does in a second.
//
//   run-stages.ts REPEATS DIRECTORY FILE…
import { tell } from "../support/child.js";
import { stagesOf } from "./stage-work.js";
import { median } from "./table.js";

const [, , repeats, directory = "", ...files] = process.argv;
const told: Record<string, number> = {};
for (const { name, unit, count, work } of await stagesOf(files, directory)) {
  const speeds: number[] = [];
  // The first run, which compiles the code, is not counted.
  for (let turn = 0; turn <= Number(repeats); turn++) {
    const begun = performance.now();
    await work();
    if (turn > 0) speeds.push((1_000 * count) / (performance.now() - begun));
  }
  told[`${name}|${unit}`] = median(speeds);
}
tell(told);
process.exit(0);
