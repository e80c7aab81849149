import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../bench/polling/virtual-clock.js";
import { ActiveJobs, type JobPermit } from "../../../src/parse-api/limits/active-jobs.js";
import { errorOf } from "../../support/parse-service.js";

const MINUTE = 60_000;

const open = (most?: number) => {
  const clock = new VirtualClock();
  const jobs = new ActiveJobs(clock, most);
  const submit = async (jobId: string, signal?: AbortSignal): Promise<JobPermit> => {
    const place = await jobs.reserve(signal);
    place.accepted();
    jobs.submitted(jobId, {});
    return place;
  };
  return { clock, jobs, submit };
};

/** Returns whether a promise is still pending after all other work is done. */
const isOpen = async (promise: Promise<unknown>): Promise<boolean> => {
  const pause = new Promise((resolve) => setImmediate(() => resolve("open")));
  return (await Promise.race([promise, pause])) === "open";
};

describe("active jobs", () => {
  it("have no limit by default", async () => {
    const { jobs, submit } = open();
    for (let job = 0; job < 1_000; job++) await submit(`job-${job}`);
    expect(jobs.count).toBe(1_000);
  });

  it("are limited by the option; the next one waits in order and can be aborted", async () => {
    const { clock, jobs, submit } = open(2);
    await submit("a");
    await submit("b");
    const controller = new AbortController();
    const called = errorOf(submit("x", controller.signal));
    const third = submit("c");
    const fourth = submit("d");
    controller.abort();
    expect((await called).code).toBe("ABORTED");
    expect(await isOpen(third)).toBe(true);
    jobs.ended("a");
    await third;
    expect(await isOpen(fourth)).toBe(true);
    expect(jobs.count).toBe(2);
    jobs.ended("c");
    await fourth;
    expect(clock.pending).toBe(0);
  });

  it("release their permit when the submission failed", async () => {
    const { jobs, submit } = open(1);
    const failed = await jobs.reserve();
    const next = submit("a");
    expect(await isOpen(next)).toBe(true);
    failed.free();
    await next;
    expect(jobs.count).toBe(1);
  });

  it("are not counted for ever when nobody waits for them", async () => {
    const { clock, jobs, submit } = open(2);
    await submit("watched");
    await submit("forgotten");
    jobs.watch("watched");
    const begun = clock.now();
    await clock.run(submit("next"));
    expect(clock.now() - begun).toBe(15 * MINUTE);
    expect(jobs.count).toBe(2);
  });
});

describe("a service that is full", () => {
  it("lowers the limit, which is raised by one a minute later", async () => {
    const { clock, jobs, submit } = open();
    for (const jobId of ["a", "b", "c"]) await submit(jobId);
    for (const jobId of ["a", "b", "c"]) jobs.watch(jobId);
    const refused = await jobs.reserve();
    jobs.full(20_000);
    refused.free();
    expect(jobs.limit).toBe(3);
    jobs.ended("a");
    const begun = clock.now();
    await clock.run(submit("d"));
    expect(clock.now() - begun).toBe(20_000);
    jobs.watch("d");
    await clock.run(submit("e"));
    expect(clock.now() - begun).toBe(20_000 + MINUTE);
    expect(jobs.limit).toBe(4);
  });

  it("lowers the limit to at least one, and never raises it above the option", async () => {
    const { clock, jobs, submit } = open(2);
    const refused = await jobs.reserve();
    jobs.full(1_000);
    refused.free();
    expect(jobs.limit).toBe(1);
    for (let step = 0; step < 5; step++) {
      await clock.run(clock.delay(2 * MINUTE));
      await clock.run(submit("a"));
      jobs.ended("a");
    }
    expect(jobs.limit).toBe(2);
  });
});
