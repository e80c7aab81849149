import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UnsiloedJobLoader } from "../../loaders/job-loader.js";
import type { LoadFailure } from "../../loaders/loader-options.js";
import type { SourceStatus } from "../../src/documents/source.js";
import { DIALECTS } from "../../src/parse-api/jobs/dialects.js";
import { API_KEY, collect, errorOf, openService, readReport, smallResult } from "../support/parse-service.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("UnsiloedJobLoader", () => {
  it("waits for a job, fetches its result once, and makes a Document of every segment", async () => {
    const { emulator, options } = await openService({
      results: await readReport(),
      states: ["Queued", "Processing", "Succeeded"],
    });
    const jobId = emulator.addJob();
    const documents = await new UnsiloedJobLoader(jobId, options).load();
    expect(documents).toHaveLength(54);
    expect(documents.map(({ metadata }) => metadata.segment_index)).toEqual([...documents.keys()]);
    expect(documents[0]?.metadata).toMatchObject({
      source: `job:${jobId}`,
      doc_id: `job:${jobId}`,
      job_id: jobId,
    });
    expect(emulator.requests.map(({ on }) => on)).toEqual(["status", "status", "status", "result"]);
    expect(emulator.submissions).toBe(0);
  });

  it("reads results from file addresses when told to", async () => {
    const { emulator, options } = await openService({ results: await readReport() });
    const jobId = emulator.addJob();
    const viaUrl = new UnsiloedJobLoader(jobId, { ...options, resultVia: "url" });
    expect(await viaUrl.load()).toEqual(await new UnsiloedJobLoader(jobId, options).load());
    expect(emulator.requests.map(({ on }) => on)).toEqual(["status", "result", "output", "status", "result"]);
    expect(() => new UnsiloedJobLoader(jobId, { ...options, resultVia: "file" as "url" })).toThrow(
      'resultVia: expected "body" or "url"',
    );
  });

  it("gives types in the other naming style their default names", async () => {
    const names = ["Header", "Section Header", "List Item", "Figure", "Footer", "Title", "Stamp"];
    const segments = names.map((segment_type) => ({ segment_type, page_number: 1, content: "x" }));
    const { emulator, options } = await openService({ results: { chunks: [{ segments }] } });
    const documents = await new UnsiloedJobLoader(emulator.addJob(), options).load();
    expect(documents.map(({ metadata }) => metadata.segment_type)).toEqual([
      "PageHeader",
      "SectionHeader",
      "ListItem",
      "Picture",
      "PageFooter",
      "Title",
      "Stamp",
    ]);
  });

  it("waits for several jobs at once, up to the limit, and keeps their order", async () => {
    const { emulator, client, clock } = await openService({
      states: ["Processing", "Processing", "Succeeded"],
    });
    const ids = Array.from({ length: 7 }, () => emulator.addJob());
    for (const load of ["load", "lazyLoad"] as const) {
      emulator.clearFaults();
      // A new window of the budget, so that calls need not be paced.
      clock.advance(60_000);
      const loader = new UnsiloedJobLoader([...ids, ids[0] ?? ""], { client, concurrency: 3 });
      const open = new Set<string>();
      let most = 0;
      const begun = emulator.requests.length;
      const documents = load === "load" ? await loader.load() : await collect(loader.lazyLoad());
      for (const { on, jobId = "" } of emulator.requests.slice(begun)) {
        if (on === "result") open.delete(jobId);
        else open.add(jobId);
        most = Math.max(most, open.size);
      }
      expect(documents.map(({ metadata }) => metadata.job_id)).toEqual(ids.flatMap((id) => [id, id]));
      expect(most).toBe(3);
    }
  });

  it("keeps the other jobs when one fails", async () => {
    const { emulator, options } = await openService();
    const failing = emulator.addJob({ outcome: { fail: "corrupted" } });
    const cancelled = emulator.addJob({ outcome: { cancel: true } });
    const ids = [emulator.addJob(), failing, emulator.addJob(), cancelled, "unknown-job", emulator.addJob()];
    const heard: LoadFailure[] = [];
    const loader = new UnsiloedJobLoader(ids, {
      ...options,
      onError: "skip",
      onFailure: (failure) => heard.push(failure),
    });
    for (const documents of [await loader.load(), await collect(loader.lazyLoad())]) {
      expect(documents).toHaveLength(6);
      const codes = Object.fromEntries(loader.failures.map(({ jobId, error }) => [jobId, error.code]));
      expect(codes).toEqual({
        [failing]: "JOB_FAILED",
        [cancelled]: "JOB_CANCELLED",
        "unknown-job": "JOB_NOT_FOUND",
      });
    }
    expect(heard).toHaveLength(6);
    expect(loader.failures.find(({ jobId }) => jobId === failing)).toMatchObject({
      source: `job:${failing}`,
      docId: `job:${failing}`,
      error: { message: `parse job ${failing} failed: corrupted` },
    });
  });

  it("throws the first failure, stops waiting for the others, and reports their ids", async () => {
    const { emulator, options } = await openService({ states: ["Processing"] });
    const failing = emulator.addJob({ outcome: { fail: "corrupted" }, states: ["Processing", "Failed"] });
    const waiting = [emulator.addJob(), emulator.addJob()];
    const unopened = emulator.addJob();
    const loader = new UnsiloedJobLoader([...waiting, failing, unopened], { ...options, concurrency: 3 });
    const error = await errorOf(loader.load());
    expect(error).toMatchObject({
      code: "JOB_FAILED",
      context: { jobId: failing, source: `job:${failing}` },
    });
    expect(new Set(loader.failures.map(({ jobId }) => jobId))).toEqual(new Set([failing, ...waiting]));
    expect(loader.failures.filter(({ error: { code } }) => code === "ABORTED")).toHaveLength(2);
    expect(emulator.requests.some(({ jobId }) => jobId === unopened)).toBe(false);
  });

  it("yields the Documents before a failure", async () => {
    const { emulator, options } = await openService();
    const ids = [emulator.addJob(), emulator.addJob({ outcome: { fail: "corrupted" } }), emulator.addJob()];
    const seen: unknown[] = [];
    const error = await errorOf(
      (async () => {
        for await (const { metadata } of new UnsiloedJobLoader(ids, options).lazyLoad())
          seen.push(metadata.job_id);
      })(),
    );
    expect(error.code).toBe("JOB_FAILED");
    expect(seen).toEqual([ids[0], ids[0]]);
  });

  it("stops waiting when the consumer stops", async () => {
    const { emulator, options } = await openService();
    const first = emulator.addJob();
    const slow = emulator.addJob({ states: ["Processing"] });
    const loader = new UnsiloedJobLoader([first, slow], options);
    for await (const document of loader.lazyLoad()) {
      expect(document.metadata.job_id).toBe(first);
      break;
    }
    expect(loader.failures).toMatchObject([{ jobId: slow, error: { code: "ABORTED" } }]);
  });

  it("stops when aborted in any phase", async () => {
    const { emulator, options } = await openService({ states: ["Processing"] });
    const ids = [emulator.addJob(), emulator.addJob()];
    for (const load of ["load", "lazyLoad"] as const) {
      const loader = new UnsiloedJobLoader(ids, options);
      const controller = new AbortController();
      const before = emulator.requests.length;
      const { signal } = controller;
      const loading = errorOf(
        load === "load" ? loader.load({ signal }) : collect(loader.lazyLoad({ signal })),
      );
      while (emulator.requests.length < before + 4) await new Promise(setImmediate);
      controller.abort();
      expect((await loading).code).toBe("ABORTED");
      expect(loader.failures.map(({ jobId }) => jobId).sort()).toEqual([...ids].sort());
      expect((await errorOf(loader.load({ signal }))).code).toBe("ABORTED");
    }
  });

  it("stops when the caller aborts, even when failures are skipped", async () => {
    const { emulator, options } = await openService({ states: ["Processing"] });
    const loader = new UnsiloedJobLoader(emulator.addJob(), { ...options, onError: "skip" });
    const controller = new AbortController();
    const loading = errorOf(loader.load({ signal: controller.signal }));
    while (emulator.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect((await loading).code).toBe("ABORTED");
  });

  it("passes wait options on, and says how to resume after a timeout", async () => {
    const { emulator, options, clock } = await openService({ states: ["Processing"] });
    const jobId = emulator.addJob();
    const begun = clock.now();
    const loader = new UnsiloedJobLoader(jobId, {
      ...options,
      wait: { timeoutMs: 9_000, pollIntervalMs: 2_000 },
    });
    const error = await errorOf(loader.load());
    expect(error).toMatchObject({ code: "JOB_TIMEOUT", context: { jobId } });
    expect(clock.now() - begun).toBe(9_000);
    expect(loader.failures[0]?.jobId).toBe(jobId);
  });

  it("reports the states of a source while it is read", async () => {
    const { emulator, options } = await openService({ states: ["Starting", "Processing", "Succeeded"] });
    const jobId = emulator.addJob();
    const [source] = await collect(new UnsiloedJobLoader(jobId, { ...options, filter: {} }).sources());
    const seen: SourceStatus[] = [];
    const observer = { statusChanged: (status: SourceStatus) => void seen.push(status) };
    const documents = source ? await collect(source.read({ observer })) : [];
    expect(documents).toHaveLength(2);
    expect(seen.map(({ state }) => state)).toEqual(["Starting", "Processing", "Succeeded"]);
    expect(seen.every((status) => status.jobId === jobId)).toBe(true);
  });

  it.each(DIALECTS)("reads pictures as addresses or as data, in the dialect %s", async (dialect) => {
    const segments = [
      { segment_type: "Picture", page_number: 1, image: "https://bucket.example/p.png?sig=1" },
    ];
    const { emulator, options } = await openService({ results: { chunks: [{ segments }] }, dialect });
    const jobId = emulator.addJob();
    const image = async (images?: boolean | "data") =>
      (await new UnsiloedJobLoader(jobId, { ...options, ...(images && { images }) }).load())[0]?.metadata
        .image;
    expect(await image()).toBeUndefined();
    expect(emulator.requests.at(-1)?.query).toEqual({});
    expect(await image(true)).toBe("https://bucket.example/p.png?sig=1");
    expect(await image("data")).toMatch(/^data:/);
    expect(emulator.requests.at(-1)?.query).toEqual({ base64_urls: "true" });
  });

  it("uses the key from the environment, or the caller's client, and shows neither", async () => {
    const { emulator, client, options } = await openService();
    const jobId = emulator.addJob();
    vi.stubEnv("UNSILOED_API_KEY", API_KEY);
    vi.stubEnv("UNSILOED_BASE_URL", emulator.url);
    const loader = new UnsiloedJobLoader(jobId);
    expect(await loader.load()).toHaveLength(2);
    expect(inspect(loader, { depth: 9, showHidden: true }) + JSON.stringify(loader)).not.toContain(API_KEY);
    expect(await new UnsiloedJobLoader(jobId, { client }).load()).toHaveLength(2);
    const both = () => new UnsiloedJobLoader(jobId, { ...options, client });
    expect(both).toThrow("with a client, its options are set already: unknown options");
    expect(both).not.toThrow(API_KEY);
    vi.stubEnv("UNSILOED_API_KEY", "");
    expect(() => new UnsiloedJobLoader(jobId)).toThrow("set UNSILOED_API_KEY");
  });

  it("names the job in every read failure", async () => {
    const bad = smallResult();
    bad["chunks"] = [{ segments: [{ segment_type: "Text", content: 5 }] }];
    const { emulator, options } = await openService({ results: bad });
    const jobId = emulator.addJob();
    const error = await errorOf(new UnsiloedJobLoader(jobId, options).load());
    expect(error).toMatchObject({ code: "INVALID_RESULT", context: { jobId, source: `job:${jobId}` } });
    expect(error.message).toContain("chunks[0].segments[0].content");
  });

  it("refuses values that are not ids", () => {
    for (const ids of ["", " ", ["a", ""]])
      expect(() => new UnsiloedJobLoader(ids, { apiKey: API_KEY })).toThrow("expected the id of a job");
  });
});
