import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../bench/polling/virtual-clock.js";
import { type JobStatus, readStatus } from "../../../src/parse-api/job-status.js";
import { ActiveJobs, type JobSize } from "../../../src/parse-api/limits/active-jobs.js";
import { PollScheduler, type PollTicket } from "../../../src/parse-api/limits/poll-scheduler.js";
import { RateLimiter } from "../../../src/parse-api/limits/rate-limiter.js";
import { errorOf } from "../../support/parse-service.js";

const statusOf = (jobId: string, final: boolean, fields: object = {}): JobStatus =>
  readStatus(jobId, { status: final ? "Succeeded" : "Processing", ...fields });

const open = (requests = 60) => {
  const clock = new VirtualClock();
  const begun = clock.now();
  const rate = new RateLimiter({ clock, requests, windowMs: 60_000 });
  const jobs = new ActiveJobs(clock);
  const polls = new PollScheduler(rate, jobs, clock);
  const asked: { jobId: string; at: number }[] = [];
  const askOnce = async (ticket: PollTicket, jobId: string, dueAt: number, final: boolean, fields = {}) => {
    const permit = await ticket.turn(dueAt, Number.POSITIVE_INFINITY);
    const at = clock.now();
    asked.push({ jobId, at: at - begun });
    permit.answered();
    ticket.saw(statusOf(jobId, final, fields), at);
  };
  /** Waits for a job that ends after so long, asking at most every 5 seconds. @returns how late its end was seen */
  const wait = async (jobId: string, endsAfterMs: number, size?: JobSize): Promise<number> => {
    if (size) jobs.submitted(jobId, size);
    const ticket = polls.enter(jobId);
    const bornAt = clock.now();
    for (let dueAt = bornAt; ; dueAt = clock.now() + 5_000) {
      const ended = () => clock.now() >= bornAt + endsAfterMs;
      const permit = await ticket.turn(dueAt, Number.POSITIVE_INFINITY);
      asked.push({ jobId, at: clock.now() - begun });
      const isOver = ended();
      permit.answered();
      ticket.saw(statusOf(jobId, isOver), clock.now());
      if (isOver) break;
    }
    ticket.leave();
    return clock.now() - bornAt - endsAfterMs;
  };
  const times = (jobId: string) => asked.filter((ask) => ask.jobId === jobId).map(({ at }) => at);
  return { clock, rate, jobs, polls, asked, askOnce, wait, times };
};

describe("with enough budget", () => {
  it("polls each job at its interval", async () => {
    const { clock, wait, times } = open();
    await clock.run(Promise.all([wait("a", 21_000), wait("b", 12_000), wait("c", 4_000)]));
    expect(times("a")).toEqual([0, 5_000, 10_000, 15_000, 20_000, 25_000]);
    expect(times("b")).toEqual([0, 5_000, 10_000, 15_000]);
    expect(times("c")).toEqual([0, 5_000]);
    expect(clock.pending).toBe(0);
  });

  it("polls no job before it is due, even with unused budget", async () => {
    const { clock, polls, askOnce, asked } = open();
    const now = clock.now();
    await clock.run(askOnce(polls.enter("later"), "later", now + 42_000, true));
    expect(asked).toEqual([{ jobId: "later", at: 42_000 }]);
  });
});

describe("with more jobs than budget", () => {
  it("polls the job first that has most probably ended", async () => {
    const { clock, polls, jobs, asked, askOnce } = open(1);
    jobs.submitted("large", { pages: 900 });
    jobs.submitted("small", { pages: 3 });
    jobs.submitted("middle", { pages: 60 });
    const names = ["large", "middle", "small"];
    const tickets = names.map((jobId) => ({ jobId, ticket: polls.enter(jobId) }));
    const dueAt = clock.now() + 30_000;
    await clock.run(Promise.all(tickets.map(({ jobId, ticket }) => askOnce(ticket, jobId, dueAt, true))));
    expect(asked.map(({ jobId }) => jobId)).toEqual(["small", "middle", "large"]);
  });

  it("polls a job of unknown age before one that was just submitted", async () => {
    const { clock, polls, jobs, asked, askOnce } = open(1);
    jobs.submitted("new", { pages: 10 });
    const work = ["new", "resumed"].map((jobId) => askOnce(polls.enter(jobId), jobId, clock.now() + 1, true));
    await clock.run(Promise.all(work));
    expect(asked.map(({ jobId }) => jobId)).toEqual(["resumed", "new"]);
  });

  it("learns how long pages take, and does not poll jobs that cannot have ended", async () => {
    const { clock, wait, times } = open(30);
    const work = Array.from({ length: 200 }, (_job, index) => {
      const pages = 10 + ((index * 37) % 100);
      return wait(`job-${index}`, pages * 20_000, { pages });
    });
    const late = await clock.run(Promise.all(work));
    const meanLate = late.reduce((sum, ms) => sum + ms, 0) / late.length;
    // Polled in turn, each of 200 jobs at 30 calls a minute is polled every 400 s at first.
    expect(meanLate).toBeLessThan(60_000);
    expect(times("job-0").length).toBeLessThan(times("job-99").length * 3);
  });

  it("polls every job within seven rounds", async () => {
    const { clock, rate, polls, times, askOnce } = open();
    const stuck = polls.enter("stuck");
    const jobs = 20;
    let running = true;
    // Jobs of unknown age always have a higher priority than a job of known age that is unlikely to end.
    const busy = Array.from({ length: jobs - 1 }, async (_job, index) => {
      const jobId = `busy-${index}`;
      while (running) {
        const ticket = polls.enter(jobId);
        await askOnce(ticket, jobId, clock.now(), false);
        ticket.leave();
      }
    });
    const patient = async () => {
      for (let count = 0; count < 5; count++) await askOnce(stuck, "stuck", clock.now() + 5_000, false);
      running = false;
    };
    await clock.run(Promise.all([...busy, patient()]));
    const gaps = times("stuck").map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000 + 7 * jobs * rate.paceMs);
    expect(Math.max(...gaps)).toBeGreaterThan(2 * jobs * rate.paceMs);
  });

  it("polls a job whose time limit has passed before all others", async () => {
    const { clock, polls, jobs, asked, askOnce } = open(1);
    jobs.submitted("small", { pages: 1 });
    jobs.submitted("large", { pages: 1_000 });
    const [small, large] = [polls.enter("small"), polls.enter("large")];
    const deadline = clock.now() + 60_000;
    const last = large.turn(deadline, deadline).then((permit) => {
      asked.push({ jobId: "large", at: 0 });
      permit.answered();
    });
    await clock.run(Promise.all([askOnce(small, "small", deadline, true), last]));
    expect(asked.map(({ jobId }) => jobId)).toEqual(["large", "small"]);
  });
});

describe("a wait that is cancelled", () => {
  it("ends promptly and leaves no timer and no queue entry", async () => {
    const { clock, rate, jobs, polls } = open(1);
    jobs.submitted("job", {});
    const controller = new AbortController();
    const ticket = polls.enter("job");
    const taken = await rate.acquire("poll");
    const turn = errorOf(ticket.turn(clock.now(), Number.POSITIVE_INFINITY, controller.signal));
    controller.abort();
    expect((await turn).code).toBe("ABORTED");
    ticket.leave();
    expect(jobs.count).toBe(0);
    taken.unused();
    await clock.run(rate.acquire("fetch").then((permit) => permit.unused()));
    expect(clock.pending).toBe(0);
  });

  it("does not affect the others", async () => {
    const { clock, polls, wait } = open(2);
    const controller = new AbortController();
    const off = errorOf(
      polls.enter("off").turn(clock.now() + 3_000, Number.POSITIVE_INFINITY, controller.signal),
    );
    const late = wait("on", 50_000);
    controller.abort();
    expect((await off).code).toBe("ABORTED");
    expect(await clock.run(late)).toBeLessThanOrEqual(60_000);
  });
});
