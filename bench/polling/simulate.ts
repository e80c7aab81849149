import { UnsiloedClient } from "../../src/parse-api/client.js";
import { ParseBudget } from "../../src/parse-api/limits/parse-budget.js";
import type { Priority } from "../../src/parse-api/limits/poll-scheduler.js";
import { SimulatedService } from "./service.js";
import { VirtualClock } from "./virtual-clock.js";
import { seeded, type Workload } from "./workloads.js";

/**
 * How it is found out that a job has ended: by the scheduler as it is, by asking for whichever job was not asked for
 * longest, or by knowing every end beforehand and still keeping to the budget.
 */
export type Policy = "scheduler" | "round-robin" | "oracle";

export interface Scenario {
  workload: Workload;
  jobs: number;
  /** Whether submissions and fetches of results share the budget; else all jobs begin at once, outside it. */
  pipeline: boolean;
  requests: number;
  windowMs: number;
  /** Calls the service really lets through in a window. @default requests */
  served?: number;
  /** When a job is given up. */
  timeoutMs: number;
  seed: number;
}

/** Delays are between a job's end at the service and the moment the client knows, in seconds of simulated time. */
export interface Outcome {
  requests: number;
  refused: number;
  detected: number;
  /** Jobs that take longer than the time limit. */
  givenUp: number;
  meanDelay: number;
  worstDelay: number;
  /** Until the last job was detected or its result was fetched. */
  duration: number;
  /** Timers that were left behind. */
  timersLeft: number;
}

const roundRobin: Priority = (job, now) => now - job.askedAt;

/** Runs one scenario under one policy, with the client, the budget and the scheduler as they are. */
export const simulate = async (scenario: Scenario, policy: Policy): Promise<Outcome> => {
  const { workload, jobs, pipeline, requests, windowMs, timeoutMs, seed, served = requests } = scenario;
  const random = seeded(seed);
  const papers = Array.from({ length: jobs }, () => workload.draw(random));
  const clock = new VirtualClock();
  const rateLimit = { requests, windowMs };
  const service = new SimulatedService({
    clock,
    random: seeded(seed + 1_000_003),
    papers,
    rateLimit: { requests: served, windowMs },
    atOnce: workload.atOnce ?? jobs,
  });
  const budget = new ParseBudget({
    clock,
    rateLimit,
    ...(policy === "round-robin" && { priority: roundRobin }),
  });
  const client = new UnsiloedClient({
    apiKey: "simulated",
    baseUrl: "http://simulated.invalid",
    clock,
    budget,
    fetch: service.fetch,
    random: seeded(seed + 2_000_003),
  });
  const sizesKnown = workload.sizesKnown ?? true;
  const begun = clock.now();
  const delays: number[] = [];
  let givenUp = 0;

  const submit = async (number: number): Promise<string> => {
    if (pipeline) return (await client.submitUrl(`https://papers.invalid/${number}.pdf`)).jobId;
    const jobId = service.add(number);
    budget.submitted(jobId, sizesKnown ? { pages: papers[number]?.pages } : {});
    return jobId;
  };
  const wait = async (jobId: string): Promise<void> => {
    if (policy !== "oracle") {
      await client.waitForJob(jobId, { timeoutMs });
      return;
    }
    const restMs = service.endOf(jobId) - clock.now();
    await clock.delay(Math.min(restMs, timeoutMs));
    await client.getStatus(jobId);
  };
  const work = async (number: number): Promise<void> => {
    const jobId = await submit(number);
    const isTooLong = service.endOf(jobId) > clock.now() + timeoutMs;
    try {
      await wait(jobId);
      if (isTooLong) givenUp++;
      else delays.push((clock.now() - service.endOf(jobId)) / 1_000);
    } catch (thrown) {
      if (!isTooLong) throw thrown;
      givenUp++;
      return;
    }
    if (pipeline) await client.readResult(jobId);
  };

  await clock.run(Promise.all(papers.map((_paper, number) => work(number))));
  return {
    requests: service.requests,
    refused: service.refused,
    detected: delays.length,
    givenUp,
    meanDelay: delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length),
    worstDelay: Math.max(0, ...delays),
    duration: (clock.now() - begun) / 1_000,
    timersLeft: clock.pending,
  };
};
