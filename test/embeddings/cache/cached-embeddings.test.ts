import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Embeddings } from "@langchain/core/embeddings";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { embedIsolating } from "../../../src/embeddings/isolate.js";
import { UnsiloedError } from "../../../src/errors.js";
import { LmdbFile } from "../../../src/internal/lmdb/database.js";
import { HashedEmbeddings } from "../../support/hashed-embeddings.js";
import { hashedVector } from "../../support/hashed-vectors.js";
import { cases } from "../../support/thorough.js";

const run = promisify(execFile);
const module = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));
const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);

let directory: string;
let opened: CachedEmbeddings[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "unsiloed-cache-"));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((cached) => cached.close()));
  await rm(directory, { recursive: true, force: true });
});

type Options = Omit<ConstructorParameters<typeof CachedEmbeddings>[1], "directory">;

const cachedOf = (inner: Embeddings, options: Options = {}): CachedEmbeddings => {
  const cached = new CachedEmbeddings(inner, { directory, ...options });
  opened.push(cached);
  return cached;
};

const vectorOf = (text: string, dimensions = 32): number[] =>
  [...hashedVector(text, dimensions)].map(Math.fround);

/** Changes every cached value, like damage or another writer. */
const rewrite = async (change: (value: Buffer) => Buffer): Promise<void> => {
  const file = await LmdbFile.open(directory, ["about", "vectors-0", "vectors-1"]);
  const table = file.table("vectors-0");
  await file.write(() => {
    for (const { key, value } of [...table.getRange()])
      table.put(Buffer.from(key), change(Buffer.from(value)));
  });
  await file.close();
};

const gate = () => {
  let open: () => void = () => undefined;
  const opening = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opening };
};

describe("CachedEmbeddings", () => {
  it("embeds a text once, across calls and caches", async () => {
    const inner = new HashedEmbeddings();
    const cached = cachedOf(inner);
    const first = await cached.embedDocuments(["a", "b"]);
    expect(first).toEqual([vectorOf("a"), vectorOf("b")]);
    expect(await cached.embedFloats(["b", "a"])).toEqual(
      ["b", "a"].map((text) => Float32Array.from(vectorOf(text))),
    );
    expect(await cached.embedDocuments(["b", "c", "a"])).toEqual([
      vectorOf("b"),
      vectorOf("c"),
      vectorOf("a"),
    ]);
    await cached.close();
    const again = cachedOf(inner);
    expect(await again.embedDocuments(["a", "b", "c"])).toEqual([...first, vectorOf("c")]);
    expect(inner.embedded).toEqual(["a", "b", "c"]);
    expect(again.counts).toEqual({ hits: 3, misses: 0, shared: 0 });
  });

  it("sends equal texts of one call only once, in one request", async () => {
    const inner = new HashedEmbeddings();
    const batches: number[] = [];
    inner.onBatch = (texts) => void batches.push(texts.length);
    const cached = cachedOf(inner);
    const vectors = await cached.embedDocuments(["a", "b", "a", "a", "c"]);
    expect(vectors).toEqual(["a", "b", "a", "a", "c"].map((text) => vectorOf(text)));
    expect(batches).toEqual([3]);
    vectors[0]?.fill(0);
    expect(vectors[2]).toEqual(vectorOf("a"));
    expect(await cached.embedDocuments([])).toEqual([]);
    expect(batches).toEqual([3]);
  });

  it("gives the same vector from the model and from the cache", async () => {
    const cached = cachedOf(new HashedEmbeddings());
    expect(await cached.embedDocuments(["pi"])).toEqual(await cached.embedDocuments(["pi"]));
  });

  it("separates models, sizes, options and questions", async () => {
    const inner = new HashedEmbeddings();
    for (const options of [
      {},
      { model: "another" },
      { dimensions: 32, options: { prompt: "x" } },
      { options: { prompt: "y" } },
    ])
      await cachedOf(inner, options).embedDocuments(["a"]);
    await cachedOf(new HashedEmbeddings("hashed", 16)).embedDocuments(["a"]);
    expect(inner.embedded).toEqual(["a", "a", "a", "a"]);
    const asked: string[] = [];
    inner.embedQuery = async (text) => {
      asked.push(text);
      return [...hashedVector(text, 32)];
    };
    for (let n = 0; n < 2; n++) expect(await cachedOf(inner).embedQuery("a")).toEqual(vectorOf("a"));
    expect(asked).toEqual(["a"]);
  });

  it("needs the name of the model", () => {
    class Nameless extends Embeddings {
      embedDocuments = async () => [];
      embedQuery = async () => [];
    }
    expect(() => cachedOf(new Nameless({}))).toThrow(/model/);
    expect(cachedOf(new Nameless({}), { model: "named" }).modelName).toBe("named");
  });

  it("shares a request between calls that ask for the same text at the same time", async () => {
    const inner = new HashedEmbeddings();
    const { open, opening } = gate();
    inner.onBatch = () => opening;
    const cached = cachedOf(inner);
    const first = cached.embedDocuments(["a", "b"]);
    const second = cached.embedDocuments(["b", "c", "b"]);
    await expect.poll(() => cached.counts.misses).toBe(3);
    open();
    expect(await first).toEqual([vectorOf("a"), vectorOf("b")]);
    expect(await second).toEqual([vectorOf("b"), vectorOf("c"), vectorOf("b")]);
    expect(inner.embedded.sort()).toEqual(["a", "b", "c"]);
    expect(cached.counts).toEqual({ hits: 0, misses: 3, shared: 1 });
  });

  it("does not let the failure of one call fail another", async () => {
    const inner = new HashedEmbeddings();
    const { open, opening } = gate();
    let calls = 0;
    inner.onBatch = async () => {
      calls += 1;
      if (calls > 1) return;
      await opening;
      throw new Error("refused");
    };
    const cached = cachedOf(inner);
    const first = cached.embedDocuments(["a", "b"]).catch((error: Error) => error.message);
    await expect.poll(() => calls).toBe(1);
    const second = cached.embedDocuments(["b", "c"]);
    await expect.poll(() => calls).toBe(2);
    open();
    expect(await first).toBe("refused");
    expect(await second).toEqual([vectorOf("b"), vectorOf("c")]);
  });

  it("stops waiting for another call's request when its own signal aborts", async () => {
    const inner = new HashedEmbeddings();
    const { open, opening } = gate();
    let calls = 0;
    inner.onBatch = () => {
      calls += 1;
      return calls === 1 ? opening : undefined;
    };
    const cached = cachedOf(inner);
    const first = cached.embedDocuments(["a"]);
    await expect.poll(() => calls).toBe(1);
    const stop = new AbortController();
    const { signal } = stop;
    const second = cached.embedDocuments(["a", "b"], { signal });
    await expect.poll(() => calls).toBe(2);
    stop.abort();
    await expect(second).rejects.toMatchObject({ code: "ABORTED" });
    open();
    expect(await first).toEqual([vectorOf("a")]);
    await expect(cached.embedDocuments(["a"], { signal })).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("passes the signal on", async () => {
    const seen: unknown[] = [];
    const inner = new HashedEmbeddings();
    const embed: (texts: string[], options?: object) => Promise<number[][]> = async (texts, options) => {
      seen.push(options && "signal" in options && options.signal);
      return texts.map((text) => vectorOf(text));
    };
    inner.embedDocuments = embed;
    const { signal } = new AbortController();
    await cachedOf(inner).embedDocuments(["a"], { signal });
    expect(seen).toEqual([signal]);
  });

  it("keeps the vectors that a call received before it failed", async () => {
    const inner = new HashedEmbeddings();
    const plain = inner.embedDocuments.bind(inner);
    type OnVector = (index: number, vector: readonly number[]) => void;
    const embed = async (texts: string[], options: { onVector?: OnVector } = {}): Promise<number[][]> => {
      for (const [index, vector] of (await plain(texts)).entries()) {
        if (texts[index] === "bad") throw new UnsiloedError("EMBEDDING_FAILED", "bad text");
        options.onVector?.(index, vector);
      }
      return texts.map((text) => vectorOf(text));
    };
    inner.embedDocuments = embed;
    const cached = cachedOf(inner);
    await expect(cached.embedDocuments(["a", "b", "bad", "c"])).rejects.toThrow("bad text");
    inner.embedDocuments = plain;
    inner.embedded.length = 0;
    await cached.embedDocuments(["a", "b", "c"]);
    expect(inner.embedded).toEqual(["c"]);
  });

  it("isolates a bad text without paying twice, now or later", async () => {
    const texts = Array.from({ length: 64 }, (_, n) => `text ${n}`);
    const inner = new HashedEmbeddings();
    inner.onBatch = (batch) => {
      if (batch.includes("text 37")) throw new UnsiloedError("EMBEDDING_FAILED", "bad text");
    };
    for (let round = 0; round < 3; round++) {
      const cached = cachedOf(inner);
      const { failures, vectors } = await embedIsolating((batch) => cached.embedDocuments(batch), texts);
      expect(failures.map(({ index }) => index)).toEqual([37]);
      expect(vectors.filter(Boolean)).toHaveLength(63);
    }
    expect(inner.embedded).toHaveLength(63);
    expect(new Set(inner.embedded).size).toBe(63);
  });

  it("refuses a number of vectors that differs from the number of texts", async () => {
    const inner = new HashedEmbeddings();
    inner.embedDocuments = async () => [[1]];
    await expect(cachedOf(inner).embedDocuments(["a", "b"])).rejects.toMatchObject({
      code: "EMBEDDING_FAILED",
      retryable: true,
    });
  });

  it.each<[string, (value: Buffer) => Buffer]>([
    ["empty", () => Buffer.alloc(0)],
    ["cut short", (value) => value.subarray(0, 50)],
    ["cut by a whole number", (value) => value.subarray(0, 4 + 16 * 4)],
    [
      "changed in one bit",
      (value) => Buffer.concat([value.subarray(0, -1), Buffer.from([(value.at(-1) ?? 0) ^ 1])]),
    ],
    ["other bytes", () => Buffer.from("not a vector")],
  ])("embeds again what is %s in the cache, and repairs it", async (_what, change) => {
    const inner = new HashedEmbeddings();
    const first = cachedOf(inner);
    await first.embedDocuments(["a", "b"]);
    await first.close();
    await rewrite(change);
    const second = cachedOf(inner);
    expect(await second.embedDocuments(["a", "b"])).toEqual([vectorOf("a"), vectorOf("b")]);
    expect(second.counts).toEqual({ hits: 0, misses: 2, shared: 0 });
    await second.embedDocuments(["a", "b"]);
    expect(second.counts.hits).toBe(2);
    expect(second.problem).toBeUndefined();
  });

  it("never mixes lengths when the length of vectors is not given", async () => {
    class Unsized extends Embeddings {
      readonly model = "unsized";
      length = 3;
      readonly embedDocuments = async (texts: string[]) =>
        texts.map(() => Array<number>(this.length).fill(1));
      readonly embedQuery = async () => Array<number>(this.length).fill(1);
    }
    const inner = new Unsized({});
    await cachedOf(inner).embedDocuments(["a", "b"]);
    inner.length = 5;
    const lengths = async (texts: string[]) =>
      (await cachedOf(inner).embedDocuments(texts)).map(({ length }) => length);
    expect(await lengths(["a"])).toEqual([3]);
    expect(await lengths(["a", "c"])).toEqual([5, 5]);
    expect(await lengths(["a", "b", "c"])).toEqual([5, 5, 5]);
  });

  it.each<[string, () => Promise<void>]>([
    ["a file", () => writeFile(path.join(directory, "x"), "")],
    [
      "damaged",
      async () => {
        await cachedOf(new HashedEmbeddings(), {}).close();
        const file = await LmdbFile.open(path.join(directory, "x"), ["about", "vectors-0", "vectors-1"]);
        await file.close();
        await truncate(path.join(directory, "x", "data.mdb"), 4000);
      },
    ],
  ])("continues without its cache when that is %s, and reports it once", async (_what, prepare) => {
    await prepare();
    const problems: string[] = [];
    const inner = new HashedEmbeddings();
    const cached = new CachedEmbeddings(inner, {
      directory: path.join(directory, "x"),
      onProblem: ({ code }) => problems.push(code),
    });
    opened.push(cached);
    for (let n = 0; n < 2; n++)
      expect(await cached.embedDocuments(["a", "b"])).toEqual([vectorOf("a"), vectorOf("b")]);
    expect(inner.embedded).toEqual(["a", "b", "a", "b"]);
    expect(problems).toHaveLength(1);
    expect(cached.problem?.code).toMatch(/^LEDGER_/);
  });

  it("reports nothing when it is closed while a call waits for the model", async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const inner = new HashedEmbeddings();
    inner.onBatch = () => asked;
    const problems: string[] = [];
    const cached = cachedOf(inner, { onProblem: ({ message }) => problems.push(message) });
    const vectors = cached.embedDocuments(["a"]);
    await cached.close();
    answer();
    expect(await vectors).toEqual([vectorOf("a")]);
    expect(problems).toEqual([]);
  });

  it("can be shared by processes", async () => {
    const file = path.join(directory, "writer.mts");
    await writeFile(
      file,
      `import { CachedEmbeddings } from ${module("../../../src/embeddings/cache/cached-embeddings.ts")};
       import { HashedEmbeddings } from ${module("../../support/hashed-embeddings.ts")};
       const inner = new HashedEmbeddings();
       const cached = new CachedEmbeddings(inner, { directory: ${JSON.stringify(path.join(directory, "shared"))} });
       for (let n = 0; n < 100; n++) await cached.embedDocuments(["t" + n, "t" + (n + 1)]);
       console.log(inner.embedded.length, cached.problem?.message ?? "fine");
       await cached.close();`,
    );
    const outputs = await Promise.all([1, 2].map(() => run(process.execPath, ["--import", "tsx", file])));
    for (const { stdout } of outputs) expect(stdout).toMatch(/^\d+ fine/);
    const inner = new HashedEmbeddings();
    const cached = new CachedEmbeddings(inner, { directory: path.join(directory, "shared") });
    opened.push(cached);
    await cached.embedDocuments(Array.from({ length: 101 }, (_, n) => `t${n}`));
    expect(inner.embedded).toEqual([]);
  });

  it.runIf(process.platform === "linux")("continues without its cache when the disk is full", async () => {
    const file = path.join(directory, "full.mts");
    await writeFile(
      file,
      `import { CachedEmbeddings } from ${module("../../../src/embeddings/cache/cached-embeddings.ts")};
       import { HashedEmbeddings } from ${module("../../support/hashed-embeddings.ts")};
       const lost: string[] = [];
       process.on("unhandledRejection", (reason) => lost.push(String(reason)));
       const problems: string[] = [];
       const cached = new CachedEmbeddings(new HashedEmbeddings("hashed", 512), {
         directory: ${JSON.stringify(path.join(directory, "limited"))},
         onProblem: ({ code }) => problems.push(code),
       });
       let vectors = 0;
       for (let n = 0; n < 30; n++)
         vectors += (await cached.embedDocuments(Array.from({ length: 50 }, (_, m) => n + "/" + m))).length;
       await cached.close();
       console.log(JSON.stringify({ vectors, problems, lost }));`,
    );
    const limited = `ulimit -f 1500; exec "${process.execPath}" --import tsx "${file}"`;
    const { stdout } = await run("bash", ["-c", limited]);
    expect(JSON.parse(stdout)).toEqual({ vectors: 1500, problems: ["LEDGER_FAILED"], lost: [] });
  });

  it(`returns the model's vectors for any texts, failures and concurrent calls (seed ${SEED})`, async () => {
    const call = fc.record({
      texts: fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 8 }),
      fails: fc.boolean(),
    });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(call, { maxLength: 4 }), { maxLength: 5 }), async (rounds) => {
        number += 1;
        const inner = new HashedEmbeddings(`model ${number}`, 8);
        const cached = cachedOf(inner);
        for (const round of rounds) {
          let failing = round.filter(({ fails }) => fails).length;
          inner.onBatch = async () => {
            await new Promise((resolve) => setImmediate(resolve));
            if (failing-- > 0) throw new Error("refused");
          };
          await Promise.all(
            round.map(async ({ texts }) => {
              const vectors = await cached.embedDocuments(texts).catch((error: Error) => error.message);
              if (vectors !== "refused") expect(vectors).toEqual(texts.map((text) => vectorOf(text, 8)));
            }),
          );
        }
        expect(new Set(inner.embedded).size).toBe(inner.embedded.length);
      }),
      { seed: SEED, numRuns: cases(60) },
    );
  });
});
