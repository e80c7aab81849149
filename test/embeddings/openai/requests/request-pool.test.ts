import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackedOpenAIEmbeddings } from "../../../../src/embeddings/openai/openai-embeddings.js";
import { openGated, queued, SEED, textsOf, vectorsOf } from "../../../support/openai/gated-server.js";
import { cases } from "../../../support/thorough.js";

describe("requests filled across calls", () => {
  it("collect texts that arrived while no request could start, up to the limits, and return each call its vectors", async () => {
    const { gate, embeddings, sizes, server } = await openGated({ maxInputs: 100 });
    const first = embeddings.embedDocuments(["first"]);
    await expect.poll(() => server.requests.length).toBe(1);
    const documents = Array.from({ length: 50 }, (_, index) => textsOf(`document ${index}`, 3));
    const calls = documents.map((texts) => embeddings.embedDocuments(texts));
    await queued();
    gate.open();
    expect(await Promise.all(calls)).toEqual(documents.map(vectorsOf));
    await first;
    expect(sizes()).toEqual([1, 100, 50]);
  });

  it("are shared by calls made in one turn of the event loop, also when none is in flight", async () => {
    const { gate, embeddings, sizes } = await openGated({ concurrency: 8 });
    gate.open();
    await embeddings.embedQuery("first");
    await Promise.all(Array.from({ length: 10 }, (_, index) => embeddings.embedDocuments([`text ${index}`])));
    expect(sizes()).toEqual([1, 10]);
  });

  it("return the same vectors as Float32Arrays", async () => {
    const { gate, embeddings, server } = await openGated();
    gate.open();
    const [floats, lists] = await Promise.all([
      embeddings.embedFloats(["a", "b", "a"]),
      embeddings.embedDocuments(["b", "a", "a"]),
    ]);
    expect(floats.map((vector) => vector instanceof Float32Array)).toEqual([true, true, true]);
    expect(floats.map((vector) => [...vector])).toEqual(vectorsOf(["a", "b", "a"]));
    expect(lists).toEqual(vectorsOf(["b", "a", "a"]));
    expect(server.requests.flatMap(({ inputs }) => inputs)).toEqual(["a", "b", "a", "b", "a", "a"]);
  });

  it("start while others are in flight, up to the limit", async () => {
    const { gate, embeddings, server } = await openGated({ concurrency: 2 });
    const first = embeddings.embedDocuments(["first"]);
    await expect.poll(() => server.requests.length).toBe(1);
    const second = embeddings.embedDocuments(["second"]);
    await expect.poll(() => server.requests.length).toBe(2);
    gate.open();
    await Promise.all([first, second]);
  });

  it("serve at most one request of a long call before the short calls after it", async () => {
    const { gate, embeddings, server } = await openGated({ maxInputs: 10 });
    const calls = [embeddings.embedDocuments(["first"])];
    await expect.poll(() => server.requests.length).toBe(1);
    calls.push(embeddings.embedDocuments(textsOf("long", 35)));
    await queued();
    for (const name of ["a", "b", "c"]) calls.push(embeddings.embedDocuments(textsOf(name, 2)));
    await queued();
    gate.open();
    await Promise.all(calls);
    const requests = server.requests.map(({ inputs }) => inputs);
    expect(requests.map(({ length }) => length)).toEqual([1, 10, 10, 10, 10, 1]);
    expect(requests[2]?.slice(0, 6)).toEqual(["a", "b", "c"].flatMap((name) => textsOf(name, 2)));
    expect(requests.flat().filter((text) => text.startsWith("long"))).toEqual(textsOf("long", 35));
  });

  it("give each call its own copies of vectors, also for equal texts", async () => {
    const { gate, embeddings, server, sizes } = await openGated();
    const first = embeddings.embedDocuments(["first"]);
    await expect.poll(() => server.requests.length).toBe(1);
    const calls = [
      ["a", "b", "a"],
      ["b", "first"],
      ["c", "a"],
    ].map((texts) => embeddings.embedDocuments(texts));
    await queued();
    gate.open();
    const [one, two, three] = await Promise.all(calls);
    expect([one, two, three]).toEqual(
      [
        ["a", "b", "a"],
        ["b", "first"],
        ["c", "a"],
      ].map(vectorsOf),
    );
    expect(sizes()).toEqual([1, 7]);
    one?.[0]?.fill(0);
    expect([one?.[2], three?.[1]]).toEqual(vectorsOf(["a", "a"]));
    await first;
  });

  it("keep every text and its position, for any calls and limits", async () => {
    const { gate, server } = await openGated();
    gate.open();
    const calls = fc.array(fc.array(fc.nat(40), { maxLength: 12 }), { maxLength: 12 });
    const limits = fc.record({
      maxInputs: fc.integer({ min: 1, max: 20 }),
      maxRequestTokens: fc.integer({ min: 4, max: 60 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
    });
    const property = fc.asyncProperty(calls, limits, async (numbers, settings) => {
      server.requests.length = 0;
      const embeddings = new PackedOpenAIEmbeddings({
        apiKey: "sk",
        baseURL: server.baseURL,
        ...settings,
      });
      const texts = numbers.map((call) => call.map((n) => `number ${n} of them`));
      const vectors = await Promise.all(texts.map((call) => embeddings.embedDocuments(call)));
      expect(vectors).toEqual(texts.map(vectorsOf));
      expect(server.requests.every(({ inputs }) => inputs.length <= settings.maxInputs)).toBe(true);
      const sent = server.requests.flatMap(({ inputs }) => inputs);
      expect(sent.sort()).toEqual(texts.flat().sort());
    });
    await fc.assert(property, { seed: SEED, numRuns: cases(60) });
  });
});

describe("a call that is aborted", () => {
  it("removes its texts, and no others, from the queue", async () => {
    const { gate, embeddings, server } = await openGated();
    const first = embeddings.embedDocuments(["first"]);
    await expect.poll(() => server.requests.length).toBe(1);
    const stop = new AbortController();
    const aborted = embeddings.embedDocuments(["a", "both"], { signal: stop.signal });
    const other = embeddings.embedDocuments(["b", "both"]);
    await queued();
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    gate.open();
    expect(await other).toEqual(vectorsOf(["b", "both"]));
    await first;
    expect(server.requests.map(({ inputs }) => inputs)).toEqual([["first"], ["b", "both"]]);
  });

  it("ends its request only when all calls in it are aborted", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      signals.push(init?.signal);
      return globalThis.fetch(input, init);
    };
    const { gate, embeddings, server } = await openGated({ fetch });
    const stops = [new AbortController(), new AbortController()];
    const calls = stops.map(({ signal }, index) =>
      embeddings.embedDocuments([`text ${index}`, "both"], { signal }),
    );
    await expect.poll(() => server.requests.length).toBe(1);
    stops[0]?.abort();
    await expect(calls[0]).rejects.toMatchObject({ code: "ABORTED" });
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    stops[1]?.abort();
    await expect(calls[1]).rejects.toMatchObject({ code: "ABORTED" });
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    // Another request may be in flight now, with the same text.
    gate.open();
    expect(await embeddings.embedDocuments(["both"])).toEqual(vectorsOf(["both"]));
  });
});
