import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedIsolating } from "../../src/embeddings/isolate.js";
import { UnsiloedError } from "../../src/errors.js";

const refused = () => new UnsiloedError("EMBEDDING_FAILED", "refused");

/** Embeds a text as its length, and refuses every batch with a bad text. */
const embedder = (error: () => unknown = refused) => {
  const calls: string[][] = [];
  const embed = async (texts: string[]) => {
    calls.push(texts);
    if (texts.some((text) => text.includes("bad"))) throw error();
    return texts.map((text) => [text.length]);
  };
  return { calls, embed };
};

describe("embedIsolating", () => {
  it("embeds a good batch in one call", async () => {
    const { calls, embed } = embedder();
    expect(await embedIsolating(embed, ["a", "bb"])).toEqual({ vectors: [[1], [2]], failures: [] });
    expect(calls).toEqual([["a", "bb"]]);
  });

  it("makes no call for no texts", async () => {
    const { calls, embed } = embedder();
    expect(await embedIsolating(embed, [])).toEqual({ vectors: [], failures: [] });
    expect(calls).toEqual([]);
  });

  it("fails exactly the bad texts, and embeds each good one once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (flags) => {
        const { calls, embed } = embedder();
        const texts = flags.map((good, index) => (good ? "g".repeat(index + 1) : "bad"));
        const { vectors, failures } = await embedIsolating(embed, texts);
        expect(vectors).toEqual(flags.map((good, index) => (good ? [index + 1] : undefined)));
        expect(failures.map(({ index }) => index)).toEqual(
          flags.flatMap((good, index) => (good ? [] : [index])),
        );
        const embedded = calls.filter((batch) => !batch.includes("bad")).flat();
        expect(embedded.length).toBe(flags.filter(Boolean).length);
      }),
    );
  });

  it("finds one bad text among 256 in at most 17 calls", async () => {
    const { calls, embed } = embedder();
    const { failures } = await embedIsolating(
      embed,
      Array.from({ length: 256 }, (_, i) => (i === 101 ? "bad" : "g")),
    );
    expect(failures.map(({ index }) => index)).toEqual([101]);
    expect(calls.length).toBeLessThanOrEqual(17);
  });

  it("recognizes errors of other embeddings by their status", async () => {
    const { embed } = embedder(() => Object.assign(new Error("400 bad request"), { status: 400 }));
    expect((await embedIsolating(embed, ["good", "bad"])).failures).toMatchObject([{ index: 1 }]);
  });

  it.each([
    ["a refused key", new UnsiloedError("UNAUTHORIZED", "key")],
    ["a service that is down", new UnsiloedError("SERVICE_UNAVAILABLE", "down", { retryable: true })],
    ["an unusable answer", new UnsiloedError("EMBEDDING_FAILED", "short", { retryable: true })],
    ["an abort", new UnsiloedError("ABORTED", "stopped")],
    ["another library's 429", Object.assign(new Error("slow down"), { status: 429 })],
    ["a defect", new TypeError("undefined is not a function")],
  ])("passes on %s without halving", async (_name, error) => {
    const { calls, embed } = embedder(() => error);
    await expect(embedIsolating(embed, ["good", "bad", "good"])).rejects.toBe(error);
    expect(calls.length).toBe(1);
  });

  it("refuses an answer with too few vectors", async () => {
    await expect(embedIsolating(async () => [[1]], ["a", "b"])).rejects.toMatchObject({
      code: "EMBEDDING_FAILED",
      message: "expected one vector for each of the 2 texts, got 1 from the embeddings",
    });
  });
});
