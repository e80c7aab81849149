import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../../src/emulator/index.js";
import type { UnsiloedError } from "../../../src/errors.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import type { WaitStatus } from "../../../src/parse-api/jobs/wait.js";
import { fakeTimers } from "../../support/clocks/fake-timers.js";
import { API_KEY, errorOf, openService, pdf } from "../../support/parse-service.js";

const onStatus = (fault: FaultRule["fault"], more: Partial<FaultRule> = {}): FaultRule => ({
  on: "status",
  fault,
  ...more,
});

const waiting = ["Starting", "Queued", "Processing", "Processing", "Processing", "Succeeded"];

describe("waitForJob", () => {
  it("polls without the result, every 5 seconds at first and every 10 in the end", async () => {
    const { client, emulator, clock } = await openService({ states: [...waiting, "Succeeded"] });
    const jobId = emulator.addJob();
    const status = await client.waitForJob(jobId);
    expect(status).toMatchObject({ jobId, state: "Succeeded", final: true });
    expect(clock.waits).toEqual([5000, 6250, 7813, 9766, 10000]);
    expect(emulator.requests).toHaveLength(6);
    expect(emulator.requests.every(({ query }) => query["include_chunks"] === "false")).toBe(true);
  });

  it("varies the intervals of many jobs by a tenth", async () => {
    for (const [random, first] of [
      [0, 4500],
      [0.999, 5499],
    ] as const) {
      const { client, emulator, clock } = await openService(
        { states: ["Processing", "Succeeded"] },
        { random: () => random },
      );
      await client.waitForJob(emulator.addJob());
      expect(clock.waits).toEqual([first]);
    }
  });

  it("never polls less often than the options say", async () => {
    const { client, emulator, clock } = await openService({
      states: ["Processing", "Processing", "Succeeded"],
    });
    await client.waitForJob(emulator.addJob(), { pollIntervalMs: 20_000 });
    expect(clock.waits).toEqual([20_000, 20_000]);
  });

  it("reports each state once, even an unknown one, and continues", async () => {
    const states = ["Starting", "Dreaming", "Dreaming", "Processing", "Succeeded"];
    const { client, emulator } = await openService({ states });
    const seen: WaitStatus[] = [];
    const jobId = emulator.addJob();
    await client.waitForJob(jobId, { onStatus: (status) => seen.push(status) });
    expect(seen.map(({ state, known }) => [state, known])).toEqual([
      ["Starting", true],
      ["Dreaming", false],
      ["Processing", true],
      ["Succeeded", true],
    ]);
    expect(seen.every((status) => status.jobId === jobId)).toBe(true);
    expect(seen.map(({ waitedMs }) => waitedMs)).toEqual([0, 5000, 19_063, 28_829]);
  });

  it("fails with the message of the service without the signature of an address", async () => {
    const message = "cannot read https://bucket.example/in.pdf?X-Amz-Signature=abc";
    const { client, emulator } = await openService();
    const jobId = emulator.addJob({ outcome: { fail: message } });
    const error = await errorOf(client.waitForJob(jobId));
    expect(error).toMatchObject({ code: "JOB_FAILED", retryable: false, context: { jobId } });
    expect(error.message).toBe(`parse job ${jobId} failed: cannot read https://bucket.example/in.pdf`);
  });

  it("fails with the words of a message that is JSON", async () => {
    const { client, emulator } = await openService();
    const jobId = emulator.addJob({ outcome: { fail: '{"detail":[{"msg":"no such font"}]}' } });
    const error = await errorOf(client.waitForJob(jobId));
    expect(error.message).toBe(`parse job ${jobId} failed: no such font`);
  });

  it("fails when the job was cancelled", async () => {
    const { client, emulator } = await openService();
    const jobId = emulator.addJob({ outcome: { cancel: "by the owner" } });
    const error = await errorOf(client.waitForJob(jobId));
    expect(error).toMatchObject({ code: "JOB_CANCELLED", context: { jobId } });
    expect(error.message).toContain("by the owner");
  });

  it("fails after the time limit with an error that says how to continue", async () => {
    const { client, emulator, clock } = await openService({ states: ["Processing"] });
    const jobId = emulator.addJob();
    const begun = clock.now();
    const error = await errorOf(client.waitForJob(jobId, { timeoutMs: 60_000 }));
    expect(error).toMatchObject({ code: "JOB_TIMEOUT", retryable: true, context: { jobId } });
    expect(error.message).toContain("after 1 min (last state: Processing)");
    expect(error.message).toContain(`new UnsiloedJobLoader("${jobId}")`);
    expect(error.message).toContain(`unsiloed-ingest ingest job:${jobId}`);
    expect(clock.now() - begun).toBe(60_000);
  });

  it("detects a job that ends at the last moment", async () => {
    const { client, emulator } = await openService({ states: ["Processing", "Processing", "Succeeded"] });
    const status = await client.waitForJob(emulator.addJob(), { timeoutMs: 6_000 });
    expect(status.state).toBe("Succeeded");
  });

  it("waits 15 minutes by default", async () => {
    const { client, emulator, clock } = await openService({ states: ["Queued"] });
    const begun = clock.now();
    expect((await errorOf(client.waitForJob(emulator.addJob()))).code).toBe("JOB_TIMEOUT");
    expect(clock.now() - begun).toBe(15 * 60_000);
  });

  it("stops waiting when aborted, with an error that names the job", async () => {
    const { client, emulator } = await openService({ states: ["Processing"] });
    const controller = new AbortController();
    const jobId = emulator.addJob();
    const stop = () => controller.abort();
    const error = await errorOf(client.waitForJob(jobId, { signal: controller.signal, onStatus: stop }));
    expect(error).toMatchObject({ code: "ABORTED", context: { jobId } });
    expect(emulator.requests).toHaveLength(1);
  });

  it("refuses invalid options", async () => {
    const { client, emulator } = await openService();
    const error = await errorOf(client.waitForJob(emulator.addJob(), { pollIntervalMs: 0 }));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toBe("wait: pollIntervalMs: expected a number ≥ 1, got 0 (number)");
  });
});

describe("waitForJob, when the service does not know the job", () => {
  const submitted = async (service: Awaited<ReturnType<typeof openService>>) =>
    (await service.client.submitFile(pdf())).jobId;

  it("continues right after submitting", async () => {
    const service = await openService({ faults: [onStatus("not_found", { times: 3 })] });
    const status = await service.client.waitForJob(await submitted(service));
    expect(status.state).toBe("Succeeded");
    expect(service.emulator.requests.filter(({ on }) => on === "status")).toHaveLength(4);
  });

  it("continues for 30 seconds, or as long as the option says", async () => {
    const faults = [onStatus("not_found", { times: Number.POSITIVE_INFINITY })];
    const service = await openService({ faults });
    const { client, clock } = service;
    const jobId = await submitted(service);
    const begun = clock.now();
    const error = await errorOf(client.waitForJob(jobId));
    expect(error).toMatchObject({ code: "JOB_NOT_FOUND", context: { jobId, status: 404 } });
    expect(clock.now() - begun).toBeGreaterThanOrEqual(30_000);
    expect(clock.now() - begun).toBeLessThan(60_000);
    const restarted = clock.now();
    await errorOf(client.waitForJob(jobId, { notFoundGraceMs: 0 }));
    expect(clock.now()).toBe(restarted);
  });

  it("says so at once for a job that it did not submit, unless it is told to wait", async () => {
    const { client, clock, emulator } = await openService();
    const begun = clock.now();
    const error = await errorOf(client.waitForJob("no-such-job"));
    expect(error).toMatchObject({ code: "JOB_NOT_FOUND", context: { jobId: "no-such-job", status: 404 } });
    expect([emulator.requests.length, clock.now() - begun]).toEqual([1, 0]);
    await errorOf(client.waitForJob("no-such-job", { notFoundGraceMs: 10_000 }));
    expect(emulator.requests.length).toBeGreaterThan(2);
  });

  it("takes it as final for its own job too, once another call has seen the job", async () => {
    const service = await openService({ faults: [onStatus("not_found", { skip: 1 })] });
    const jobId = await submitted(service);
    await service.client.getStatus(jobId);
    expect((await errorOf(service.client.waitForJob(jobId))).code).toBe("JOB_NOT_FOUND");
    expect(service.emulator.requests.filter(({ on }) => on === "status")).toHaveLength(2);
  });

  it("fails once the job was seen, because then it has expired", async () => {
    const faults = [onStatus("not_found", { skip: 1 })];
    const { client, emulator } = await openService({ states: ["Processing"], faults });
    const error = await errorOf(client.waitForJob(emulator.addJob()));
    expect(error.code).toBe("JOB_NOT_FOUND");
    expect(emulator.requests).toHaveLength(2);
  });
});

describe("waitForJob, when a check fails temporarily", () => {
  for (const fault of [
    "reset",
    "cut",
    "truncated",
    "not_json",
    "server_error",
    "bad_gateway",
    "timeout",
  ] as const) {
    it(`continues after ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [onStatus(fault, { times: 3 })] });
      const errors: UnsiloedError[] = [];
      const jobId = emulator.addJob();
      const status = await client.waitForJob(jobId, { onPollError: (error) => errors.push(error) });
      expect(status.state).toBe("Succeeded");
      expect(errors.map(({ code }) => code)).toEqual(Array(3).fill("SERVICE_UNAVAILABLE"));
      expect(errors.every(({ context }) => context.jobId === jobId)).toBe(true);
    });
  }

  it("continues after no answer in time", async () => {
    const timers = fakeTimers();
    const { client, emulator } = await openService({ faults: [onStatus("hang")] });
    const errors: string[] = [];
    const ended = client.waitForJob(emulator.addJob(), {
      onPollError: ({ message }) => errors.push(message),
    });
    await expect.poll(() => emulator.requests.length).toBe(1);
    timers.advance(60_000);
    await ended;
    expect(errors).toEqual([expect.stringContaining("no complete answer within 60 s")]);
  });

  it("waits longer after each failure, and starts again after a success", async () => {
    const faults = [onStatus("server_error", { times: 3 }), onStatus("server_error", { skip: 1 })];
    const { client, emulator, clock } = await openService({ states: ["Processing", "Succeeded"], faults });
    await client.waitForJob(emulator.addJob());
    expect(clock.waits).toEqual([5000, 10_000, 20_000, 5000, 6250]);
  });

  it("waits as long as Retry-After says, in seconds or until a date", async () => {
    const date = new Date(Date.parse("2026-01-01T00:00:00Z") + 42_000 + 90_000).toUTCString();
    const { client, emulator, clock } = await openService({
      faults: [
        onStatus("rate_limited_retry_after", { retryAfter: "42" }),
        onStatus("queue_full", { retryAfter: date }),
      ],
    });
    const begun = clock.now();
    await client.waitForJob(emulator.addJob());
    expect(clock.waits).toEqual([42_000, 90_000]);
    expect(clock.now() - begun).toBe(132_000);
  });

  it("continues after 429 without Retry-After", async () => {
    const { client, emulator } = await openService({ faults: [onStatus("rate_limited", { times: 2 })] });
    expect((await client.waitForJob(emulator.addJob())).state).toBe("Succeeded");
  });

  it("says that the service kept failing, where no check succeeded in time", async () => {
    const faults = [onStatus("server_error", { times: Number.POSITIVE_INFINITY })];
    const { client, emulator } = await openService({ faults });
    const jobId = emulator.addJob();
    const error = await errorOf(client.waitForJob(jobId, { timeoutMs: 120_000 }));
    const context = { jobId, status: 500 };
    expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true, context });
    expect(error.message).toContain(`none of the checks of parse job ${jobId} succeeded within 2 min`);
    expect(error.message).toContain("500: Internal server error");
    expect(error.message).toContain(`unsiloed-ingest ingest job:${jobId}`);
    expect(error.cause).toMatchObject({ code: "SERVICE_UNAVAILABLE", context: { status: 500 } });
  });

  it("continues until the time limit once a state was seen, and reports the last failure", async () => {
    const faults = [onStatus("server_error", { skip: 1, times: Number.POSITIVE_INFINITY })];
    const { client, emulator } = await openService({ faults, states: ["Processing"] });
    const error = await errorOf(client.waitForJob(emulator.addJob(), { timeoutMs: 120_000 }));
    expect(error.code).toBe("JOB_TIMEOUT");
    expect(error.message).toContain("last state: Processing; the last check failed: asking for job");
    expect(error.cause).toMatchObject({ code: "SERVICE_UNAVAILABLE", context: { status: 500 } });
  });

  it("treats a failed connection as an outage when the service answered before, otherwise as a wrong address", async () => {
    const { client, emulator, clock, options } = await openService({ states: ["Processing"] });
    const jobId = emulator.addJob();
    await client.getStatus(jobId);
    await emulator.close();
    const outage = await errorOf(client.waitForJob(jobId));
    expect(outage).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true, context: { jobId } });
    expect(outage.message).toContain("within 15 min");
    const begun = clock.now();
    const stranger = await errorOf(new UnsiloedClient(options).waitForJob(jobId));
    expect(stranger).toMatchObject({ code: "SERVICE_UNAVAILABLE", context: { jobId } });
    expect(stranger.message).toContain("ECONNREFUSED");
    expect(clock.now() - begun).toBeLessThan(60_000);
  });
});

describe("waitForJob, when waiting cannot help", () => {
  for (const [fault, code] of [
    ["unauthorized", "UNAUTHORIZED"],
    ["forbidden", "JOB_FORBIDDEN"],
    ["quota", "OUT_OF_CREDITS"],
    ["usage_cap", "USAGE_LIMIT"],
  ] as const) {
    it(`stops at once: ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [onStatus(fault)] });
      const jobId = emulator.addJob();
      const error = await errorOf(client.waitForJob(jobId));
      expect(error).toMatchObject({ code, retryable: false, context: { jobId } });
      expect(error.message).not.toContain(API_KEY);
      expect(emulator.requests).toHaveLength(1);
    });
  }

  it("stops when the response has no state", async () => {
    const fault = { status: 200, body: { job_id: "x", state: 5 } };
    const { client, emulator } = await openService({ faults: [onStatus(fault)] });
    const jobId = emulator.addJob();
    const error = await errorOf(client.waitForJob(jobId));
    expect(error).toMatchObject({ code: "INVALID_RESULT", context: { jobId } });
    expect(error.message).toBe(`status of job ${jobId}: status: expected string, got nothing`);
  });

  it("refuses an id that would change the address", async () => {
    const { client, emulator } = await openService();
    for (const jobId of ["../..", "a/b", "", "a b", "x?y=1"])
      expect((await errorOf(client.waitForJob(jobId))).code).toBe("INVALID_OPTION");
    expect(emulator.requests).toHaveLength(0);
  });
});
