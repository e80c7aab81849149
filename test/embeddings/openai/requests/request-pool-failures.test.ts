import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedIsolating } from "../../../../src/embeddings/isolate.js";
import { PackedOpenAIEmbeddings } from "../../../../src/embeddings/openai/openai-embeddings.js";
import {
  DIMENSIONS,
  openGated,
  queued,
  SEED,
  textsOf,
  timesPaid,
  vectorsOf,
} from "../../../support/openai/gated-server.js";
import { cases } from "../../../support/thorough.js";

describe("a call that fails", () => {
  it("for its content fails alone, and no text of another call is paid for twice", async () => {
    const { gate, embeddings, server } = await openGated();
    const first = embeddings.embedDocuments(["first"]);
    await expect.poll(() => server.requests.length).toBe(1);
    const documents = Array.from({ length: 16 }, (_, index) => textsOf(`document ${index}`, 3));
    documents[5]?.push("POISON");
    const calls = documents.map((texts) => embeddings.embedDocuments(texts));
    await queued();
    gate.open();
    const ends = await Promise.allSettled(calls);
    await first;
    for (const [index, end] of ends.entries()) {
      if (index === 5) expect(end).toMatchObject({ reason: { code: "EMBEDDING_FAILED" } });
      else expect(end).toEqual({ status: "fulfilled", value: vectorsOf(documents[index] ?? []) });
    }
    expect(new Set(timesPaid(server).values())).toEqual(new Set([1]));
    // Halved by calls: 16, 8, 4, 2, 1 are refused.
    expect(server.requests.filter(({ status }) => status === 400).length).toBe(5);
    expect(server.requests.length).toBe(1 + 5 + 4);
  });

  it("does not fail calls with the same texts", async () => {
    const { gate, embeddings, server } = await openGated();
    const calls = [["first"], ["shared", "POISON"], ["shared"], ["own", "shared"]].map((texts) =>
      embeddings.embedDocuments(texts),
    );
    await queued();
    gate.open();
    const ends = await Promise.allSettled(calls);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(timesPaid(server)).toEqual(
      new Map([
        ["first", 1],
        ["shared", 2],
        ["own", 1],
      ]),
    );
  });

  it("does not fail a call that shared a request with it after it had failed", async () => {
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await globalThis.fetch(input, init);
      if (String(init?.body).includes("POISON 2")) await held;
      return response;
    };
    const { gate, embeddings, server } = await openGated({ maxInputs: 2, concurrency: 2, fetch });
    gate.open();
    const bad = embeddings.embedDocuments(["POISON 1", "other", "POISON 2"]);
    const good = embeddings.embedDocuments(["good"]);
    await expect(bad).rejects.toMatchObject({ code: "EMBEDDING_FAILED" });
    answer();
    expect(await good).toEqual(vectorsOf(["good"]));
    expect(server.requests.map(({ inputs }) => inputs)).toEqual([
      ["POISON 1", "other"],
      ["good", "POISON 2"],
      ["good"],
    ]);
    expect(timesPaid(server)).toEqual(new Map([["good", 1]]));
  });

  it("fails for a bad text at any position, and no other call fails or is paid for twice", async () => {
    const { gate, server } = await openGated();
    gate.open();
    const text = fc.oneof(
      { weight: 8, arbitrary: fc.nat(30).map((n) => `text ${n}`) },
      { weight: 1, arbitrary: fc.nat(3).map((n) => `POISON ${n}`) },
    );
    const calls = fc.array(fc.array(text, { minLength: 1, maxLength: 6 }), { maxLength: 10 });
    const settings = fc.record({
      maxInputs: fc.integer({ min: 2, max: 30 }),
      concurrency: fc.integer({ min: 1, max: 3 }),
    });
    let run = 0;
    const property = fc.asyncProperty(calls, settings, async (drawn, limits) => {
      // Cancelled requests may still arrive during the next run, so the texts of each run differ.
      run += 1;
      const texts = drawn.map((call, number) =>
        call.map((each, position) => `${each}, ${position} of call ${number} of run ${run}`),
      );
      const embeddings = new PackedOpenAIEmbeddings({
        apiKey: "sk",
        baseURL: server.baseURL,
        ...limits,
      });
      const isBad = (call: string[]) => call.some((each) => each.startsWith("POISON"));
      const ends = await Promise.allSettled(texts.map((call) => embeddings.embedDocuments(call)));
      expect(ends.map((end) => (end.status === "fulfilled" ? end.value : end.reason.code))).toEqual(
        texts.map((call) => (isBad(call) ? "EMBEDDING_FAILED" : vectorsOf(call))),
      );
      const paid = timesPaid(server);
      const good = texts.filter((call) => !isBad(call)).flat();
      expect(good.map((each) => paid.get(each))).toEqual(good.map(() => 1));
    });
    await fc.assert(property, { seed: SEED, numRuns: cases(60) });
  });

  it("with embedIsolating loses only the bad text, and pays for no text twice, also across requests", async () => {
    const { gate, embeddings, server } = await openGated({ maxInputs: 10 });
    gate.open();
    const documents = Array.from({ length: 9 }, (_, index) => textsOf(`document ${index}`, 7));
    documents[4]?.splice(3, 1, "POISON");
    const ends = await Promise.all(
      documents.map((texts) =>
        embedIsolating((batch, onVector) => embeddings.embedDocuments(batch, { onVector }), texts),
      ),
    );
    expect(ends.map(({ failures }) => failures.map(({ index }) => index))).toEqual(
      documents.map((_, index) => (index === 4 ? [3] : [])),
    );
    expect(ends.flatMap(({ vectors }) => vectors).filter(Boolean).length).toBe(62);
    expect(new Set(timesPaid(server).values())).toEqual(new Set([1]));
  });

  it("for a vector that is not finite fails alone, names the text by its position, and sends no other request", async () => {
    const { gate, embeddings, server } = await openGated();
    const embedding = Array(DIMENSIONS).fill(null);
    server.faults.push({
      kind: "answer",
      change: (body) => ({
        ...body,
        data: body.data.map((item) => (item.index === 3 ? { ...item, embedding } : item)),
      }),
    });
    gate.open();
    const [one, two, three] = await Promise.allSettled([
      embeddings.embedDocuments(["a", "b"]),
      embeddings.embedDocuments(["c", "d"]),
      embeddings.embedDocuments(["e", "f"]),
    ]);
    expect([one, three]).toMatchObject([{ value: vectorsOf(["a", "b"]) }, { value: vectorsOf(["e", "f"]) }]);
    expect(two).toMatchObject({
      reason: { code: "EMBEDDING_FAILED", message: expect.stringContaining('text 2 of 2 ("d")') },
    });
    expect(server.requests.length).toBe(1);
  });

  it("for another reason fails with all calls in the request, and no others", async () => {
    const { gate, embeddings, server } = await openGated({ maxInputs: 2 });
    server.faults.push({ kind: "error", status: 401 });
    gate.open();
    const ends = await Promise.allSettled(["a", "b", "c"].map((text) => embeddings.embedDocuments([text])));
    expect(ends).toMatchObject([
      { reason: { code: "UNAUTHORIZED" } },
      { reason: { code: "UNAUTHORIZED" } },
      { value: vectorsOf(["c"]) },
    ]);
    expect(server.requests.length).toBe(2);
  });
});
