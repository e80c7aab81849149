import { afterAll, describe, expect, it } from "vitest";
import type { SegmentDocument } from "../../../src/documents/metadata.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { BuiltSplitter } from "../../support/splitters/built-splitter.js";
import { here, load } from "../../support/splitters/long-document.js";

const withWords =
  (ocr: unknown) =>
  (document: SegmentDocument): unknown => ({ ...document, metadata: { ...document.metadata, ocr } });

/** Counts the turns of the event loop while work is running. */
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
    const splitter = new BuiltSplitter({ threads: 1, ...options });
    splitters.push(splitter);
    return splitter;
  };
  // All of them share one thread, whose start takes longer than most of these tests.
  afterAll(() => Promise.all(splitters.map((splitter) => splitter.close())));

  it.each([true, false])("gives the same splits as in this thread (words: %s)", async (words) => {
    const documents = await load(words);
    const splits = await open({ chunkSize: 120 }).transformDocuments(documents);
    expect(splits).toEqual(await here(120).transformDocuments(documents));
    expect(splits[0]?.constructor).toBe(documents[0]?.constructor);
  });

  it("does not block the event loop", async () => {
    const documents = await load(true);
    const splitter = open();
    await splitter.transformDocuments(documents);
    // Loading the tokenizer takes turns of its own.
    await here().transformDocuments(documents.slice(0, 3));
    expect(await turnsDuring(splitter.transformDocuments(documents))).toBeGreaterThan(10);
    expect(await turnsDuring(here().transformDocuments(documents))).toBeLessThan(10);
  });

  it("accepts segments one at a time, and does not keep their words", async () => {
    const documents = await load(true);
    const expected = await here().transformDocuments(documents);
    const run = open().open();
    for (const document of documents) run.add([document]);
    const splits = run.finish();
    // The given Documents may be freed or changed before the splits are ready.
    for (const { metadata } of documents) metadata.ocr = [];
    expect(await splits).toEqual(expected);
  });

  it("splits short documents, and documents with a custom token counter, in this thread", async () => {
    const documents = await load(true);
    const short = documents.slice(0, 3);
    // Loading the tokenizer takes turns of its own.
    await open().transformDocuments(short);
    expect(await turnsDuring(open().transformDocuments(short))).toBeLessThan(10);
    const countTokens = (text: string) => text.length / 4;
    expect(await open({ countTokens }).transformDocuments(documents)).toEqual(
      await new SegmentSplitter({ threads: 0, countTokens }).transformDocuments(documents),
    );
  });

  it.each<[string, object]>([
    [
      "copied",
      { link: new URL("https://example.com/a"), raw: Buffer.from("abc"), [Symbol("own")]: new Map() },
    ],
    ["sent at all", { link: () => 1 }],
  ])("returns the user's own metadata unchanged, even values that cannot be %s", async (_what, own) => {
    const documents = await load(true);
    for (const [index, { metadata }] of documents.entries()) if (index % 3 > 0) Object.assign(metadata, own);
    Object.assign(documents[4]?.metadata ?? {}, { chart_data: own });
    const splits = await open().transformDocuments(documents);
    expect(splits).toEqual(await here().transformDocuments(documents));
    const marked = splits.filter(({ metadata }) => "link" in metadata);
    expect(marked.length).toBeGreaterThan(0);
    for (const { metadata } of marked)
      for (const key of Reflect.ownKeys(own)) expect(Reflect.get(metadata, key)).toBe(Reflect.get(own, key));
    const others = splits.filter(({ metadata }) => !("link" in metadata));
    expect(others.length).toBeGreaterThan(0);
    for (const { metadata } of others) expect(Object.getOwnPropertySymbols(metadata)).toEqual([]);
  });

  it("keeps unusual words and lone surrogates in them", async () => {
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

  it.each<[string, (document: SegmentDocument) => unknown]>([
    ["expected object, got null (null)", () => null],
    ["metadata: expected object, got nothing", () => ({ pageContent: "x" })],
    ["pageContent: expected string, got 5 (number)", (document) => ({ ...document, pageContent: 5 })],
    ["pageContent: expected string, got nothing", ({ metadata }) => ({ metadata })],
    [
      "metadata.doc_id: expected string, got nothing",
      () => ({ pageContent: "x", metadata: { source: "x" } }),
    ],
    ["metadata.ocr: expected an array, got {} (object)", withWords({})],
    ['metadata.ocr: expected an array, got "abc" (string)', withWords("abc")],
  ])("reports that %s, here and in a thread, and continues", async (problem, change) => {
    const documents = await load(true);
    const broken: unknown[] = documents.map((each, index) => (index === 5 ? change(each) : each));
    // Callers in plain JavaScript have no types to stop them.
    const splitters: { transformDocuments(input: unknown[]): Promise<unknown> }[] = [open(), here()];
    for (const splitter of splitters) {
      await expect(splitter.transformDocuments(broken)).rejects.toMatchObject({
        name: "UnsiloedError",
        code: "INVALID_OPTION",
        message: expect.stringContaining(`Document 5 of the input: ${problem}`),
      });
      expect(await splitter.transformDocuments(documents)).not.toEqual([]);
    }
  });

  it("ignores entries that are not words, and words without a box", async () => {
    const documents = await load(true);
    const odd = [
      undefined,
      null,
      5,
      {},
      { bbox: null },
      { text: "word" },
      { text: "word", bbox: { left: "1" } },
    ];
    const like = documents.map((document) => ({ ...document, metadata: { ...document.metadata } }));
    for (const { metadata } of like)
      Object.assign(metadata, { ocr: [...new Array(2), ...odd, ...(metadata.ocr ?? [])] });
    const splits = await open().transformDocuments(like);
    expect(splits).toEqual(await here().transformDocuments(like));
    const boxesOf = (all: typeof splits) => all.map(({ metadata }) => metadata.boxes);
    expect(boxesOf(splits)).toEqual(boxesOf(await here().transformDocuments(documents)));
  });

  it("splits nothing when the signal has aborted, for short and long documents", async () => {
    const documents = await load(true);
    const signal = AbortSignal.abort();
    for (const splitter of [here(), open()])
      for (const input of [documents, documents.slice(0, 2)])
        await expect(splitter.transformDocuments(input, { signal })).rejects.toMatchObject({
          code: "ABORTED",
        });
  });

  it("notices a signal that aborts while the tokenizer is loaded", async () => {
    const stop = new AbortController();
    const splitting = here().transformDocuments((await load(true)).slice(0, 2), { signal: stop.signal });
    stop.abort();
    await expect(splitting).rejects.toMatchObject({ code: "ABORTED" });
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
});
