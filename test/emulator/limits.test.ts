import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/server.js";
import { DIALECTS } from "../../src/parse-api/jobs/dialects.js";
import { SteppedClock } from "../support/clocks/stepped-clock.js";
import {
  fileForm,
  getJob,
  objectOf,
  postForm,
  presign,
  smallResult,
  submit,
} from "../support/emulator/requests.js";

describe.each(DIALECTS)("the limits of an account, in %s,", (dialect) => {
  it("accept a number of submissions per key in any window", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({
      dialect,
      errorText: "plain",
      results: smallResult,
      clock,
      rateLimit: { requests: 2, windowMs: 1_000, retryAfter: true },
    });
    const send = async (key = "one") => (await postForm(emulator.url, fileForm(), { "api-key": key })).status;
    expect(await send()).toBe(200);
    clock.advance(600);
    expect(await send()).toBe(200);
    const refused = await presign(emulator.url, { file_name: "a.pdf" }, { "api-key": "one" });
    expect([refused.status, await refused.text(), refused.headers.get("retry-after")]).toEqual([
      429,
      "Rate limit exceeded",
      "1",
    ]);
    expect(await send("two")).toBe(200);
    clock.advance(399);
    expect(await send()).toBe(429);
    clock.advance(1);
    expect(await send()).toBe(200);
    expect(await send()).toBe(429);
    expect((await getJob(emulator.url, emulator.addJob(), "", { "api-key": "one" })).status).toBe(200);
  });

  it("count status checks when asked to", async () => {
    await using emulator = await startEmulator({
      dialect,
      errorText: "plain",
      results: smallResult,
      clock: new SteppedClock(),
      rateLimit: { requests: 3, windowMs: 1_000, statusToo: true },
    });
    const id = await submit(emulator.url);
    const statuses: number[] = [];
    for (let poll = 0; poll < 3; poll++) statuses.push((await getJob(emulator.url, id)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it("limit the number of active jobs", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({
      dialect,
      errorText: "plain",
      results: smallResult,
      clock,
      delays: { processingMs: 100 },
      maxActiveJobs: 2,
      queueRetryAfter: "3",
    });
    await submit(emulator.url);
    expect((await presign(emulator.url, { file_name: "a.pdf" })).status).toBe(200);
    const refused = await postForm(emulator.url, fileForm());
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([
      503,
      "3",
      "Job queue is at capacity",
    ]);
    clock.advance(100);
    await submit(emulator.url);
    expect((await postForm(emulator.url, fileForm())).status).toBe(503);
    expect(emulator.submissions).toBe(3);
  });

  it("refuse submissions without credits", async () => {
    await using emulator = await startEmulator({
      results: smallResult,
      dialect,
      errorText: "plain",
      quota: 25,
      creditsPerJob: 10,
    });
    const left: unknown[] = [];
    for (let job = 0; job < 2; job++)
      left.push((await objectOf(await postForm(emulator.url, fileForm())))["quota_remaining"]);
    expect(left).toEqual([15, 5]);
    const refused = await postForm(emulator.url, fileForm());
    expect([refused.status, await refused.text()]).toEqual([402, "Insufficient quota"]);
  });

  it("can be reported as JSON strings", async () => {
    await using emulator = await startEmulator({
      results: smallResult,
      dialect,
      quota: 0,
      errorText: "json",
    });
    const refused = await postForm(emulator.url, fileForm());
    expect([refused.status, await refused.text()]).toEqual([402, '"Insufficient quota"']);
    expect(await (await getJob(emulator.url, "x")).text()).toBe('"Job x not found"');
  });
});

describe("closing", () => {
  it("ends idle connections, can be repeated, and closes all servers", async () => {
    const emulator = await startEmulator({ results: smallResult });
    await submit(emulator.url);
    await Promise.all([emulator.close(), emulator.close()]);
    await emulator.close();
    await expect(fetch(emulator.url)).rejects.toThrow();
    await expect(fetch(emulator.filesUrl)).rejects.toThrow();
  });
});
