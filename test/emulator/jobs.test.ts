import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { UnsiloedError } from "../../src/errors.js";
import { SteppedClock } from "../support/clocks/stepped-clock.js";
import {
  chunksOf,
  getJob,
  objectOf,
  SAMPLE,
  smallResult,
  submit,
  textOf,
} from "../support/emulator/requests.js";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "emulator-"));
});
afterAll(() => rm(directory, { recursive: true }));

const get = async (emulator: Emulator, id: string, query = "") =>
  objectOf(await getJob(emulator.url, id, query));

describe("the states of a job", () => {
  it("follow the clock", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({
      results: smallResult,
      clock,
      delays: { startingMs: 100, queuedMs: 200, processingMs: 300 },
    });
    const id = await submit(emulator.url);
    const seen: unknown[] = [];
    for (const step of [0, 99, 1, 199, 1, 299, 1]) {
      clock.advance(step);
      seen.push((await get(emulator, id, "?include_chunks=false"))["status"]);
    }
    expect(seen).toEqual([
      "Starting",
      "Starting",
      "Queued",
      "Queued",
      "Processing",
      "Processing",
      "Succeeded",
    ]);
    expect(emulator.jobs[0]).toMatchObject({ polls: 7, state: "Succeeded", endedAt: clock.now() });
  });

  it("follow a list, and keep its last state", async () => {
    await using emulator = await startEmulator({
      results: smallResult,
      states: ["Starting", "Processing", "Weird", "Succeeded"],
    });
    const id = await submit(emulator.url);
    const seen: unknown[] = [];
    for (let poll = 0; poll < 5; poll++)
      seen.push((await get(emulator, id, "?include_chunks=false"))["status"]);
    expect(seen).toEqual(["Starting", "Processing", "Weird", "Succeeded", "Succeeded"]);
  });

  it("can differ between jobs and never end", async () => {
    await using emulator = await startEmulator({
      results: smallResult,
      states: ({ fileName }) => (fileName === "slow.pdf" ? ["Processing"] : undefined),
    });
    const slow = await submit(emulator.url, "slow.pdf");
    const quick = await submit(emulator.url, "quick.pdf");
    for (let poll = 0; poll < 3; poll++) expect((await get(emulator, slow))["status"]).toBe("Processing");
    expect((await get(emulator, quick))["status"]).toBe("Succeeded");
  });

  it("each have the documented fields", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({
      results: {
        byFileName: { "bad.pdf": { fail: "corrupted" }, "off.pdf": { cancel: true } },
        default: smallResult,
      },
      clock,
      delays: { queuedMs: 10, processingMs: 10 },
    });
    const created = "2026-01-02T03:04:05.000000Z";
    const id = await submit(emulator.url, "bad.pdf");
    const off = await submit(emulator.url, "off.pdf");
    expect(await get(emulator, id)).toEqual({
      job_id: id,
      status: "Queued",
      created_at: created,
      metadata: {},
    });
    clock.advance(10);
    const started = "2026-01-02T03:04:05.010000Z";
    expect(await get(emulator, id)).toEqual({
      job_id: id,
      status: "Processing",
      created_at: created,
      started_at: started,
      metadata: {},
    });
    clock.advance(10);
    expect(await get(emulator, id)).toEqual({
      job_id: id,
      status: "Failed",
      created_at: created,
      started_at: started,
      finished_at: "2026-01-02T03:04:05.020000Z",
      metadata: {},
      message: "corrupted",
    });
    expect(await get(emulator, off)).toEqual({
      job_id: off,
      status: "Cancelled",
      created_at: created,
      metadata: {},
    });
  });

  it("end with expiry, set by the request or by the plan", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({
      dialect: "2026-03",
      results: smallResult,
      clock,
      expiresIn: 100,
    });
    const short = await submit(emulator.url, "a.pdf", { expires_in: "10" });
    const long = await submit(emulator.url, "b.pdf");
    clock.advance(9_999);
    expect((await getJob(emulator.url, short)).status).toBe(200);
    clock.advance(1);
    const gone = await getJob(emulator.url, short);
    expect([gone.status, await gone.text()]).toEqual([404, `Job ${short} not found`]);
    expect((await getJob(emulator.url, long)).status).toBe(200);
    clock.advance(90_000);
    expect((await getJob(emulator.url, long)).status).toBe(404);
  });
});

describe("the result of a job", () => {
  it.each(["object", "file", "gzip"])(
    "is the saved one with the job's own fields, from an %s",
    async (form) => {
      const text = await readFile(SAMPLE, "utf8");
      const saved: unknown = JSON.parse(text);
      const packed = join(directory, "result.json.gz");
      await writeFile(packed, gzipSync(text));
      const results = { object: Object.assign({}, saved), file: SAMPLE, gzip: packed }[form] ?? "";
      await using emulator = await startEmulator({ dialect: "2026-03", results, renewIds: false });
      const id = await submit(emulator.url, "mine.pdf");
      const result = await get(emulator, id);
      expect(result).toMatchObject({ job_id: id, status: "Succeeded", file_name: "mine.pdf", page_count: 5 });
      expect(result["chunks"]).toEqual(Object.assign({ chunks: [] }, saved).chunks);
      const status = await get(emulator, id, "?include_chunks=false");
      expect(status).toEqual({ ...result, chunks: undefined });
      expect(status).not.toHaveProperty("chunks");
    },
  );

  it("has new ids for every job, the same for every request and for every run with the same seed", async () => {
    const idsOf = (result: Record<string, unknown>) =>
      chunksOf(result).flatMap((chunk) => [
        chunk.chunk_id,
        ...chunk.segments.map((s) => textOf(s["segment_id"])),
      ]);
    const runs: string[][] = [];
    for (const seed of ["one", "one", "two"]) {
      await using emulator = await startEmulator({ results: smallResult, seed });
      const [a, b] = [await submit(emulator.url), await submit(emulator.url)];
      const first = idsOf(await get(emulator, a));
      expect(idsOf(await get(emulator, a))).toEqual(first);
      const all = [...first, ...idsOf(await get(emulator, b))];
      expect(new Set(all).size).toBe(10);
      for (const id of all)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      runs.push([a, b, ...all]);
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it("keeps everything except the ids, also text that looks like an id", async () => {
    await using emulator = await startEmulator({ dialect: "2026-03", results: smallResult });
    const [first] = chunksOf(await get(emulator, await submit(emulator.url)));
    expect(first).toMatchObject({ embed: "Żółw" });
    expect(first?.segments[0]).toMatchObject({ content: 'Żółw "segment_id": "s-1"', page_number: 1 });
    expect(first?.segments[1]).toMatchObject({ image: "https://b.example/i,1.jpg" });
  });

  it("has images as data URIs with base64_urls", async () => {
    await using emulator = await startEmulator({ dialect: "2026-03", results: SAMPLE });
    const id = await submit(emulator.url);
    const images = async (query: string) =>
      chunksOf(await get(emulator, id, query)).flatMap(({ segments }) => segments.map(({ image }) => image));
    const plain = await images("");
    const inline = await images("?base64_urls=true");
    expect(plain.filter((image) => image !== null).length).toBeGreaterThan(0);
    expect(inline.map((image) => image === null)).toEqual(plain.map((image) => image === null));
    for (const image of inline) if (image !== null) expect(image).toMatch(/^data:image\/png;base64,/);
  });

  it("is at a URL on another host with output_file, for an hour", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({ dialect: "2026-03", results: SAMPLE, clock });
    const id = await submit(emulator.url);
    const answer = await get(emulator, id, "?output_file=true");
    expect(answer).not.toHaveProperty("chunks");
    const url = textOf(answer["output_file_url"]);
    expect(new URL(url).origin).toBe(emulator.filesUrl);
    expect(await objectOf(await fetch(url))).toEqual(await get(emulator, id));
    expect(emulator.requests.find(({ on }) => on === "output")?.headers.apiKey).toBe(false);
    clock.advance(3_600_000);
    expect((await fetch(url)).status).toBe(403);
  });

  it("can come from a function, which may fail", async () => {
    await using emulator = await startEmulator({
      results: async ({ fileName, bytes }) => {
        if (fileName === "throws.pdf") throw new Error("no such fixture");
        return fileName === "missing.pdf" ? join(directory, "none.json") : { ...smallResult, bytes };
      },
    });
    expect(await get(emulator, await submit(emulator.url, "a.pdf"))).toMatchObject({
      bytes: 13,
      page_count: 1,
    });
    for (const [name, reason] of [
      ["throws.pdf", "no such fixture"],
      ["missing.pdf", "no saved result at"],
    ]) {
      expect(await get(emulator, await submit(emulator.url, name))).toMatchObject({
        status: "Failed",
        message: expect.stringContaining(reason ?? ""),
      });
    }
  });

  it("can belong to a job that nobody submitted", async () => {
    await using emulator = await startEmulator({ results: { byFileName: {} } });
    const id = emulator.addJob({ jobId: "known-id", outcome: smallResult, fileName: "old.pdf" });
    expect(id).toBe("known-id");
    expect(await get(emulator, id)).toMatchObject({
      job_id: "known-id",
      status: "Succeeded",
      file_name: "old.pdf",
    });
    expect(emulator.submissions).toBe(0);
    expect(await get(emulator, emulator.addJob())).toMatchObject({
      status: "Failed",
      message: expect.stringContaining("document.pdf"),
    });
  });

  it("breaks off when its file is gone, and the emulator continues", async () => {
    const path = join(directory, "going.json");
    await writeFile(path, JSON.stringify(smallResult));
    await using emulator = await startEmulator({ results: path });
    const id = await submit(emulator.url);
    await rm(path);
    expect((await getJob(emulator.url, id, "?include_chunks=false")).status).toBe(200);
    await expect(getJob(emulator.url, id).then((response) => response.text())).rejects.toThrow();
    expect((await getJob(emulator.url, id, "?include_chunks=false")).status).toBe(200);
  });

  it("may be from another product", async () => {
    await using emulator = await startEmulator({ results: { elements: [1] }, renewIds: false });
    const result = await get(emulator, await submit(emulator.url));
    expect(result).toMatchObject({ elements: [1], status: "Succeeded" });
    expect(result).not.toHaveProperty("chunks");
  });
});

describe("a saved result that changes while the emulator runs", () => {
  it("is read again for later jobs, even after it was missing or broken", async () => {
    const file = join(directory, "changing.json");
    await using emulator = await startEmulator({ results: () => file });
    const answer = async () => get(emulator, await submit(emulator.url));
    expect(await answer()).toMatchObject({ status: "Failed" });
    await writeFile(file, '{"chunks":[');
    expect(await answer()).toMatchObject({ status: "Failed" });
    for (const pages of [1, 200]) {
      await writeFile(file, JSON.stringify({ page_count: pages, chunks: [{ chunk_length: pages }] }));
      expect(await answer()).toMatchObject({ page_count: pages, chunks: [{ chunk_length: pages }] });
    }
  });
});

describe("starting the emulator", () => {
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "started",
      (thrown) => (thrown instanceof UnsiloedError ? [thrown.code, thrown.message] : thrown),
    );

  it("explains what is wrong with a saved result", async () => {
    const broken = join(directory, "broken.json");
    await writeFile(broken, '{"status":"Succeeded","chunks":[{"segments":[');
    const list = join(directory, "list.json");
    await writeFile(list, "[1,2]");
    expect(await codeOf(startEmulator({ results: broken }))).toEqual([
      "INVALID_RESULT",
      expect.stringContaining(broken),
    ]);
    expect(await codeOf(startEmulator({ results: list }))).toEqual([
      "INVALID_RESULT",
      expect.stringContaining("expected a JSON object"),
    ]);
    expect(await codeOf(startEmulator({ results: { byFileName: { "a.pdf": "/none.json" } } }))).toEqual([
      "FILE_NOT_FOUND",
      expect.stringContaining("/none.json"),
    ]);
    expect(await codeOf(startEmulator({ results: directory }))).toEqual([
      "INVALID_OPTION",
      expect.stringContaining(
        `results: expected a file with a saved result, got the directory "${directory}"`,
      ),
    ]);
  });

  it("explains what is wrong with an option", async () => {
    expect(await codeOf(startEmulator({ results: smallResult, quota: -1 }))).toEqual([
      "INVALID_OPTION",
      "startEmulator: quota: expected a number ≥ 0, got -1 (number)",
    ]);
    await using emulator = await startEmulator({ results: smallResult });
    const port = Number(new URL(emulator.url).port);
    expect(await codeOf(startEmulator({ results: smallResult, port }))).toEqual([
      "INVALID_OPTION",
      expect.stringContaining("EADDRINUSE"),
    ]);
  });
});
