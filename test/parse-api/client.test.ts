import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnsiloedError } from "../../src/errors.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { fakeTimers } from "../support/clocks/fake-timers.js";
import { SteppedClock } from "../support/clocks/stepped-clock.js";
import { API_KEY, collect, errorOf, openService, readReport, smallResult } from "../support/parse-service.js";

const made = (options: object): UnsiloedError => {
  try {
    new UnsiloedClient(options);
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) return thrown;
  }
  throw new Error("expected an UnsiloedError");
};

describe("the options of a client", () => {
  beforeEach(() => {
    vi.stubEnv("UNSILOED_API_KEY", "");
    vi.stubEnv("UNSILOED_BASE_URL", "");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("are read from the environment when they are not given", () => {
    vi.stubEnv("UNSILOED_API_KEY", "from-environment\n");
    expect(new UnsiloedClient().baseUrl).toBe("https://prod.visionapi.unsiloed.ai/");
    vi.stubEnv("UNSILOED_BASE_URL", "http://127.0.0.1:1/base");
    expect(new UnsiloedClient().baseUrl).toBe("http://127.0.0.1:1/base");
    expect(new UnsiloedClient({ baseUrl: "https://other.example" }).baseUrl).toBe("https://other.example/");
  });

  it("need a key", () => {
    const error = made({});
    expect(error.code).toBe("API_KEY_MISSING");
    expect(error.message).toContain("set UNSILOED_API_KEY");
  });

  it("never show the key, not even when it is wrong", () => {
    for (const apiKey of [
      "two words",
      "ümlaut-key",
      "line\nbreak",
      { key: "in an object" },
      471_147_114_711,
    ]) {
      const error = made({ apiKey });
      expect(error.code).toBe("INVALID_OPTION");
      expect(error.message).toBe("apiKey: expected printable ASCII text without spaces");
    }
  });

  it("are checked, with errors that say what was expected", () => {
    for (const [options, message] of [
      [{ baseUrl: "localhost:80" }, "baseUrl: expected an http or https URL"],
      [{ baseUrl: "https://user:pw@host.example" }, "baseUrl: expected a URL without credentials"],
      [{ requestTimeoutMs: "5s" }, 'UnsiloedClient: requestTimeoutMs: expected number, got "5s" (string)'],
      [{ timeout: 5 }, "UnsiloedClient: unknown option timeout"],
      [{ budget: {} }, "UnsiloedClient: budget: expected a ParseBudget"],
      [{ retry: { attempts: 0 } }, "UnsiloedClient: retry.attempts: expected a number ≥ 1, got 0 (number)"],
    ] as const) {
      const error = made({ apiKey: API_KEY, ...options });
      expect(error.code).toBe("INVALID_OPTION");
      expect(error.message).toContain(message);
      expect(error.message).not.toContain("user:pw");
    }
  });

  it("are not shown when a client is logged or serialized", () => {
    const client = new UnsiloedClient({ apiKey: API_KEY });
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain(API_KEY);
    expect(JSON.stringify({ client, ...client })).not.toContain(API_KEY);
    expect(String(client)).not.toContain(API_KEY);
  });
});

describe("getStatus", () => {
  it("reads what the service returns, and null for what it does not", async () => {
    const { client, emulator } = await openService({
      results: await readReport(),
      states: ["Queued", "Succeeded"],
    });
    const jobId = emulator.addJob({ fileName: "annual.pdf" });
    expect(await client.getStatus(jobId)).toMatchObject({
      jobId,
      state: "Queued",
      known: true,
      final: false,
      message: null,
      pageCount: null,
    });
    expect(await client.getStatus(jobId)).toMatchObject({
      state: "Succeeded",
      final: true,
      fileName: "annual.pdf",
      pageCount: 5,
    });
  });

  it.each([
    ["completed", "Succeeded", true],
    ["COMPLETED", "Succeeded", true],
    ["failed", "Failed", true],
    ["cancelled", "Cancelled", true],
    ["processing", "Processing", false],
  ])("takes %s for %s", async (named, state, final) => {
    const { client, emulator } = await openService({ states: [named] });
    expect(await client.getStatus(emulator.addJob())).toMatchObject({ state, final, known: true });
  });

  it("ends the wait for a job that completed or failed, in any case of letters", async () => {
    const { client, emulator } = await openService({ states: ["queued", "Completed"] });
    expect(await client.waitForJob(emulator.addJob())).toMatchObject({ state: "Succeeded", final: true });
    const { client: other, emulator: failing } = await openService({ states: ["processing", "FAILED"] });
    expect((await errorOf(other.waitForJob(failing.addJob()))).code).toBe("JOB_FAILED");
  });

  it("retries when a request fails temporarily", async () => {
    const { client, emulator } = await openService({ faults: [{ on: "status", fault: "reset", times: 3 }] });
    expect((await client.getStatus(emulator.addJob())).state).toBe("Succeeded");
    expect(emulator.requests).toHaveLength(4);
  });
});

const readAll = async (client: UnsiloedClient, jobId: string) =>
  collect((await client.readResult(jobId)).chunks);

describe("readResult", () => {
  it("fetches the chunks in one request", async () => {
    const { client, emulator } = await openService({ results: smallResult(3, 2) });
    const jobId = emulator.addJob();
    const { info, chunks } = await client.readResult(jobId);
    expect(info).toMatchObject({ jobId, state: "Succeeded" });
    expect((await collect(chunks)).map(({ segments }) => segments.length)).toEqual([2, 2, 2]);
    expect(emulator.requests.map(({ on, query }) => [on, query])).toEqual([["result", {}]]);
  });

  it("requests addresses when told to", async () => {
    const { client, emulator } = await openService();
    await client.readResult(emulator.addJob(), { addresses: true });
    await client.readResult(emulator.addJob(), { addresses: true, resultVia: "url" });
    expect(emulator.requests.filter(({ on }) => on === "result").map(({ query }) => query)).toEqual([
      { include_url: "true" },
      { include_url: "true", output_file: "true" },
    ]);
  });

  it("requests merged and enhanced tables when told to", async () => {
    const { client, emulator } = await openService();
    await client.readResult(emulator.addJob(), { mergeTables: true, enhancedTables: true });
    expect(emulator.requests[0]?.query).toEqual({ merge_tables: "true", enhanced_table: "true" });
  });

  it("requests pictures as data when told to", async () => {
    const { client, emulator } = await openService();
    await client.readResult(emulator.addJob(), { imagesAsData: true });
    expect(emulator.requests[0]?.query).toEqual({ base64_urls: "true" });
  });

  for (const fault of ["reset", "cut", "truncated", "not_json", "server_error", "rate_limited"] as const) {
    it(`is retried: ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [{ on: "result", fault, times: 2 }] });
      const { chunks } = await client.readResult(emulator.addJob());
      expect(await collect(chunks)).toHaveLength(1);
      expect(emulator.requests).toHaveLength(3);
    });
  }

  it("fails with the job's id when the result stays broken", async () => {
    const rule = { on: "result" as const, fault: "truncated" as const, times: Number.POSITIVE_INFINITY };
    const { client, emulator } = await openService({ faults: [rule] });
    const jobId = emulator.addJob();
    const error = await errorOf(readAll(client, jobId));
    expect(error).toMatchObject({ code: "INVALID_RESULT", context: { jobId } });
    expect(error.message).toContain(`result of job ${jobId}: not valid JSON, perhaps cut short`);
    expect(emulator.requests).toHaveLength(4);
  });

  it("has a time limit that covers the body", async () => {
    const slow = { on: "result" as const, fault: "slow" as const, pieceBytes: 8, pieceMs: 40 };
    const timers = fakeTimers();
    const clock = new SteppedClock();
    const options = { resultTimeoutMs: 60_000, retry: { attempts: 1 } };
    const { client, emulator } = await openService({ faults: [slow], clock }, options);
    const error = errorOf(readAll(client, emulator.addJob()));
    await expect.poll(() => clock.pending).toBe(1);
    timers.advance(70_000);
    expect((await error).message).toContain("no complete answer within 60 s");
    expect(emulator.requests).toHaveLength(1);
  });

  it("reports that the job has not ended, has failed or has expired", async () => {
    const { client, emulator } = await openService({ states: ["Processing"] });
    const jobId = emulator.addJob();
    const early = await errorOf(client.readResult(jobId));
    expect(early).toMatchObject({ code: "INVALID_RESULT", context: { jobId } });
    expect(early.message).toContain("(Processing) without its result");
    const failed = emulator.addJob({ outcome: { fail: "corrupted" }, states: ["Failed"] });
    expect(await errorOf(client.readResult(failed))).toMatchObject({
      code: "JOB_FAILED",
      context: { jobId: failed },
    });
    expect((await errorOf(client.readResult("gone"))).code).toBe("JOB_NOT_FOUND");
  });

  it("names the field that is wrong, and the job", async () => {
    const bad = smallResult();
    bad["chunks"] = [{ segments: [{ segment_type: "Text", content: 5 }] }];
    const { client, emulator } = await openService({ results: bad });
    const jobId = emulator.addJob();
    const { chunks } = await client.readResult(jobId);
    const error = await errorOf(collect(chunks));
    expect(error).toMatchObject({ code: "INVALID_RESULT", context: { jobId } });
    expect(error.message).toBe(
      `result of job ${jobId}: chunks[0].segments[0].content: expected string, got 5 (number)`,
    );
  });

  it("stops when aborted", async () => {
    const { client, emulator } = await openService({ faults: [{ on: "result", fault: "hang" }] });
    const controller = new AbortController();
    const reading = errorOf(client.readResult(emulator.addJob(), { signal: controller.signal }));
    while (emulator.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect((await reading).code).toBe("ABORTED");
  });
});
