import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { makeResult, readSentences } from "../../bench/speed/workload.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";

/** Long enough for a thread. */
const SEGMENTS = 120;

const load = async (words: boolean): Promise<SegmentDocument[]> => {
  const result = { job_id: "job", ...makeResult(SEGMENTS, 3, await readSentences()) };
  return new UnsiloedResultLoader(JSON.parse(JSON.stringify(result)), { words }).load();
};

const here = (chunkSize?: number) => new SegmentSplitter({ threads: 0, ...(chunkSize && { chunkSize }) });

/** Whether the event loop turns while something is under way. */
const turnsDuring = async (work: Promise<unknown>): Promise<number> => {
  let turns = 0;
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  return turns;
};

describe("splitting in a thread", () => {
  const splitters: SegmentSplitter[] = [];
  const open = (options: ConstructorParameters<typeof SegmentSplitter>[0] = {}) => {
    const splitter = new SegmentSplitter({ threads: 1, ...options });
    splitters.push(splitter);
    return splitter;
  };
  afterEach(() => Promise.all(splitters.splice(0).map((splitter) => splitter.close())));

  it.each([true, false])("gives the splits it gives here (words: %s)", async (words) => {
    const documents = await load(words);
    const splits = await open({ chunkSize: 120 }).transformDocuments(documents);
    expect(splits).toEqual(await here(120).transformDocuments(documents));
    expect(splits[0]?.constructor).toBe(documents[0]?.constructor);
  });

  it("does not keep the event loop from turning", async () => {
    const documents = await load(true);
    const splitter = open();
    await splitter.transformDocuments(documents);
    expect(await turnsDuring(splitter.transformDocuments(documents))).toBeGreaterThan(10);
    expect(await turnsDuring(here().transformDocuments(documents))).toBeLessThan(10);
  });

  it("takes segments as they come, and holds no words of them", async () => {
    const documents = await load(true);
    const expected = await here().transformDocuments(documents);
    const run = open().open();
    for (const document of documents) run.add([document]);
    const splits = run.finish();
    // What was handed over may be freed or changed meanwhile.
    for (const { metadata } of documents) metadata.ocr = [];
    expect(await splits).toEqual(expected);
  });

  it("splits here what is short, what counts tokens in a way of its own, and what cannot be sent", async () => {
    const documents = await load(true);
    const short = documents.slice(0, 3);
    expect(await turnsDuring(open().transformDocuments(short))).toBeLessThan(10);
    const countTokens = (text: string) => text.length / 4;
    expect(await open({ countTokens }).transformDocuments(documents)).toEqual(
      await new SegmentSplitter({ threads: 0, countTokens }).transformDocuments(documents),
    );
    const [first] = documents;
    if (first) Object.assign(first.metadata, { custom: () => 1 });
    const splits = await open().transformDocuments(documents);
    expect(splits).toEqual(await here().transformDocuments(documents));
    expect(splits[0]?.metadata).toHaveProperty("custom");
  });

  it("keeps words that are not as usual, and half characters in them", async () => {
    const documents = await load(true);
    const words = documents.flatMap(({ metadata }) => metadata.ocr ?? []);
    for (const [index, word] of words.entries()) {
      if (index % 7 === 0) word.text = "\ud83d";
      if (index % 11 === 0) word.confidence = null;
      if (index % 13 === 0) word.text = "";
    }
    expect(await open().transformDocuments(documents)).toEqual(await here().transformDocuments(documents));
    const last = documents.at(-1)?.metadata.ocr?.[0];
    if (last) Object.assign(last, { bbox: { left: "x" } });
    expect(await open().transformDocuments(documents)).toEqual(await here().transformDocuments(documents));
  });

  it("says what is wrong with the input as it does here, and goes on", async () => {
    const documents = await load(true);
    const broken = documents.with(5, Object.assign({}, documents[5], { metadata: { source: "x" } }));
    const splitter = open();
    const error = await here()
      .transformDocuments(broken)
      .catch((thrown: unknown) => thrown);
    await expect(splitter.transformDocuments(broken)).rejects.toMatchObject({
      name: "UnsiloedError",
      code: "INVALID_OPTION",
      message: error instanceof Error ? error.message : "an error",
    });
    expect(await splitter.transformDocuments(documents)).not.toEqual([]);
  });

  it("stops waiting when aborted or closed", async () => {
    const documents = await load(true);
    const splitter = open();
    const stop = new AbortController();
    const aborted = splitter.transformDocuments(documents, { signal: stop.signal });
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    const closed = expect(splitter.transformDocuments(documents)).rejects.toMatchObject({ code: "ABORTED" });
    await splitter.close();
    await closed;
    expect(await splitter.transformDocuments(documents)).not.toEqual([]);
  });

  it("does not keep a program alive, and ends with one", async () => {
    const built = path.resolve(import.meta.dirname, "../../dist/src/index.js");
    const program = `
      import { SegmentSplitter, UnsiloedResultLoader } from ${JSON.stringify(built)};
      const segments = [{ segment_type: "Text", page_number: 1, markdown: "All of this is said again and again. ".repeat(5_000) }];
      const documents = await new UnsiloedResultLoader({ job_id: "job", chunks: [{ segments }] }).load();
      console.log((await new SegmentSplitter({ threads: 1 }).transformDocuments(documents)).length);`;
    // Ends by itself, or the test runs out of time.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { timeout: 60_000 },
    );
    expect(Number(stdout)).toBeGreaterThan(50);
  }, 90_000);
});
