import { parseArgs } from "node:util";
import { type Scenario, simulate } from "./simulate.js";
import { faultsOf, head, lines, type Row, ratioOf } from "./table.js";
import { MAIN, OTHERS, type Workload } from "./workloads.js";

/** The largest allowed share of round-robin's mean delay: when all jobs wait, and with submissions at the same time. */
const MOST_RATIO = { waiting: 0.5, pipeline: 0.6 };
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    /** Run only the first two parts; exit with 1 when a seed has a 429 or exceeds its share of round-robin's delay. */
    check: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    seeds: { type: "string", default: "1,2,3,4,5" },
    jobs: { type: "string", default: "500" },
    requests: { type: "string", default: "60" },
  },
});

const numbers = (text: string): number[] => text.split(",").map(Number);
const [jobs = 0, requests = 0] = [...numbers(values.jobs), ...numbers(values.requests)];
const seeds = numbers(values.seeds);
if (![...seeds, jobs, requests].every((number) => Number.isInteger(number) && number > 0))
  throw new Error("--seeds, --jobs, --requests: expected whole numbers above 0, seeds separated by commas");

const say = (text: string): void => {
  if (!values.json) console.log(text);
};

const run = async (workload: Workload, seed: number, pipeline: boolean): Promise<Row> => {
  const scenario: Scenario = {
    workload,
    jobs,
    pipeline,
    requests,
    windowMs: 60_000,
    timeoutMs: 6 * HOUR_MS,
    seed,
  };
  return {
    scenario,
    "round-robin": await simulate(scenario, "round-robin"),
    scheduler: await simulate(scenario, "scheduler"),
    oracle: await simulate(scenario, "oracle"),
  };
};

const parts: { title: string; workloads: readonly Workload[]; pipeline: boolean }[] = [
  {
    title: `1. ${jobs} jobs that all wait, ${requests} calls a minute (checked: no 429, at most half of round-robin's delay)`,
    workloads: [MAIN],
    pipeline: false,
  },
  {
    title: "2. With submissions and fetches of results in the same budget (checked: no 429, at most 0.6)",
    workloads: [MAIN],
    pipeline: true,
  },
  {
    title: "3. All wait, other durations: means over the seeds (not checked)",
    workloads: OTHERS,
    pipeline: false,
  },
];

const results: Row[] = [];
const faults: string[] = [];
for (const { title, workloads, pipeline } of parts) {
  if (values.check && workloads === OTHERS) continue;
  say(`\n${title}`);
  for (const { name, says } of workloads) say(`   ${name}: ${says}`);
  say(head());
  for (const workload of workloads) {
    const ofWorkload: Row[] = [];
    for (const seed of seeds) {
      const row = await run(workload, seed, pipeline);
      ofWorkload.push(row);
      if (workload === MAIN) {
        say(lines([row]));
        faults.push(...faultsOf(row, pipeline ? MOST_RATIO.pipeline : MOST_RATIO.waiting));
      }
    }
    if (workload !== MAIN) say(lines(ofWorkload));
    results.push(...ofWorkload);
  }
}

if (values.json) {
  const entries = results.map((row) => ({ ...row, ratio: ratioOf(row) }));
  console.log(JSON.stringify({ seeds, jobs, requests, results: entries, faults }, undefined, 2));
}
for (const fault of faults) console.error(fault);
if (values.check) {
  say(faults.length === 0 ? "\nheld on every seed" : "\ndid not hold");
  process.exitCode = faults.length === 0 ? 0 : 1;
}
