import { parseArgs } from "node:util";
import { type Scenario, simulate } from "./simulate.js";
import { faultsOf, head, type Row, ratioOf, rows } from "./table.js";
import { MAIN, OTHERS, type Workload } from "./workloads.js";

/** Of round-robin's mean delay, the most the scheduler may need in the scenarios that are checked. */
const MOST_RATIO = 0.5;
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    /** Run the first two parts only; exit 1 unless no seed has a 429 or more than half of round-robin's mean delay. */
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
  const row: Row = {
    scenario,
    "round-robin": await simulate(scenario, "round-robin"),
    scheduler: await simulate(scenario, "scheduler"),
    oracle: await simulate(scenario, "oracle"),
  };
  say(rows(row));
  return row;
};

const parts: { title: string; workloads: readonly Workload[]; pipeline: boolean }[] = [
  {
    title: `1. ${jobs} jobs that all wait, ${requests} calls a minute (checked)`,
    workloads: [MAIN],
    pipeline: false,
  },
  {
    title: "2. The same, with submissions and fetches of results in the same budget (checked)",
    workloads: [MAIN],
    pipeline: true,
  },
  {
    title: "3. All wait, other durations (not checked)",
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
  for (const workload of workloads)
    for (const seed of workloads === OTHERS ? seeds.slice(0, 1) : seeds) {
      const row = await run(workload, seed, pipeline);
      results.push(row);
      if (workload === MAIN) faults.push(...faultsOf(row, MOST_RATIO));
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
