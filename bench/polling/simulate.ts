import { UnsiloedClient } from "../../src/parse-api/client.js";
import { ParseBudget } from "../../src/parse-api/limits/parse-budget.js";
import type { Priority } from "../../src/parse-api/limits/poll-scheduler.js";
import { SimulatedService } from "./service.js";
import { VirtualClock } from "./virtual-clock.js";
import { seeded, type Workload } from "./workloads.js";

/**
 * How the end of a job is detected: by the scheduler, by asking for the job whose last check is the oldest, or by
 * knowing all ends in advance and still respecting the budget.
 */
export type Policy = "scheduler" | "round-robin" | "oracle";

export interface Scenario {
  workload: Workload;
  jobs: number;
  /** Whether submissions and result fetches share the budget; otherwise all jobs start at once, without using it. */
  pipeline: boolean;
  requests: number;
  windowMs: number;
  /** Calls that the service actually accepts in a window. @default requests */
  served?: number;
  /** Time limit of a job. */
  timeoutMs: number;
  seed: number;
}

/** Delays are measured from the end of a job to its detection by the client, in seconds of simulated time. */
export interface Outcome {
  requests: number;
  refused: number;
  detected: number;
  /** Jobs that take longer than the time limit. */
  givenUp: number;
  meanDelay: number;
  worstDelay: number;
  /** Time until the last job was detected or its result was fetched. */
  duration: number;
  /** Timers that were left behind. */
  timersLeft: number;
}

const roundRobin: Priority = (job, now) => now - job.askedAt;

/** Runs one scenario under one policy, with the real client, budget and scheduler. */
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
