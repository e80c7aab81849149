import { describe, expect, it } from "vitest";
import type { ParsedChunk } from "../../src/documents/result.js";
import type { KeepMode } from "../../src/ledger/results/keep-mode.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";

/** A place for kept results, which stands empty. */
export interface KeptResultsUnderTest {
  /** What `KeptResults` takes as its directory. */
  directory: string;
  /** Lists the names of all files there. */
  files(): Promise<string[]>;
  read(file: string): Promise<Buffer>;
  write(file: string, bytes: Buffer): Promise<void>;
}

const KEY = { docId: "report.pdf", contentHash: "c1", parseHash: "p1" };
const INFO = { jobId: "job-1", state: "Succeeded", fileName: "report.pdf", pageCount: 2 };

const chunkOf = (content: string): ParsedChunk => ({
  chunkId: null,
  segments: [{ segment_type: "Text", page_number: 1, content }],
});

async function* stream(chunks: readonly ParsedChunk[]): AsyncGenerator<ParsedChunk> {
  yield* chunks;
}
const collect = async (chunks: AsyncIterable<ParsedChunk> | undefined): Promise<ParsedChunk[]> => {
  const all: ParsedChunk[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return all;
};

/** @param setUp makes a place for one test */
export const describeKeptResults = (name: string, setUp: () => Promise<KeptResultsUnderTest>): void => {
  describe(`kept results in ${name}`, () => {
    const open = async () => {
      const place = await setUp();
      const problems: string[] = [];
      const keeper = (mode: KeepMode = "all") =>
        new KeptResults({
          directory: place.directory,
          mode,
          onProblem: ({ message }) => problems.push(message),
        });
      const keep = (content: string, key = KEY) =>
        collect(keeper().keep(key, { info: INFO, chunks: stream([chunkOf(content)]) }).chunks);
      const textOf = async (key = KEY) =>
        (await collect((await keeper().read(key))?.chunks)).map(({ segments }) => segments[0]?.content);
      return { ...place, problems, keeper, keep, textOf };
    };

    it("are read by others than those that kept them, for the same parse only", async () => {
      const { keep, keeper, textOf, files, problems } = await open();
      expect(await textOf()).toEqual([]);
      await keep("hello");
      expect(await textOf()).toEqual(["hello"]);
      expect(await keeper().readInfo(KEY)).toEqual(INFO);
      expect(await keeper().read({ ...KEY, contentHash: "c2" })).toBeUndefined();
      expect(await files()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.result$/)]);
      expect(problems).toEqual([]);
    });

    it("leave nothing where it was only tried whether they can be kept", async () => {
      const { keeper, files } = await open();
      await keeper().connect();
      await keeper("none").connect();
      await keeper().connect({ readOnly: true });
      expect(await files()).toEqual([]);
    });

    it("are replaced, listed, counted and deleted by their document", async () => {
      const { keep, keeper, textOf, files } = await open();
      await keep("before");
      await keep("after", { ...KEY, contentHash: "c2" });
      await keep("other", { ...KEY, docId: "other.pdf" });
      expect(await textOf()).toEqual([]);
      expect(await textOf({ ...KEY, contentHash: "c2" })).toEqual(["after"]);
      const listed = [];
      for await (const one of keeper().list()) listed.push(one);
      expect(listed.sort((a, b) => a.docId.localeCompare(b.docId))).toEqual([
        { docId: "other.pdf", contentHash: "c1", parseHash: "p1", jobId: "job-1" },
        { docId: "report.pdf", contentHash: "c2", parseHash: "p1", jobId: "job-1" },
      ]);
      const { results, bytes } = await keeper().size();
      expect([results, bytes > 100]).toEqual([2, true]);
      expect(await keeper().delete(KEY.docId)).toBe(true);
      expect(await keeper().delete(KEY.docId)).toBe(false);
      expect(await files()).toHaveLength(1);
    });

    it("are there whole or not at all", async () => {
      const { keep, keeper, textOf, files, read, write, problems } = await open();
      const [first, second] = [chunkOf("1"), chunkOf("2")];
      for await (const _ of keeper().keep(KEY, { info: INFO, chunks: stream([first, second]) }).chunks) break;
      expect(await files()).toEqual([]);
      await keep("whole");
      const [name = ""] = await files();
      const bytes = await read(name);
      for (const length of [0, 1, 100, bytes.length - 1]) {
        await write(name, bytes.subarray(0, length));
        expect(await textOf()).toEqual([]);
      }
      expect(problems).toHaveLength(4);
      await write(name, bytes);
      expect(await textOf()).toEqual(["whole"]);
    });

    it("may be kept by several at once", async () => {
      const { keep, textOf, files } = await open();
      const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(9_000));
      await Promise.all(texts.map((text) => keep(text)));
      const [text] = await textOf();
      expect(texts).toContain(text);
      expect(await files()).toHaveLength(1);
    });
  });
};
