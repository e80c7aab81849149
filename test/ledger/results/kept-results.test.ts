import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packWords } from "../../../src/documents/packed-words.js";
import type { ParsedChunk } from "../../../src/documents/result.js";
import type { Segment } from "../../../src/documents/segment.js";
import { currentProcess } from "../../../src/internal/process-identity.js";
import type { WordOptions } from "../../../src/ledger/result-archive.js";
import type { KeepMode } from "../../../src/ledger/results/keep-mode.js";
import { KeptResults } from "../../../src/ledger/results/kept-results.js";
import { openResult } from "../../../src/parse-api/results/in-memory.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { END_BYTES, partsOf, sealed, textOf } from "../../support/kept-file.js";
import { cases } from "../../support/thorough.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
const EXAMPLE = fileURLToPath(new URL("../../../examples/data/annual-report.json", import.meta.url));
const KEY = { docId: "report.pdf", contentHash: "c1", parseHash: "p1" };
const INFO = { jobId: "job-1", state: "Succeeded", fileName: "report.pdf", pageCount: 2 };
const MODULE = fileURLToPath(new URL("../../../dist/src/ledger/results/kept-results.js", import.meta.url));

let parent: string;
let directory: string;
let problems: string[];
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), "unsiloed-kept-"));
  directory = path.join(parent, "results");
  problems = [];
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const keeper = (mode: KeepMode = "all", clock?: AutoAdvanceClock): KeptResults =>
  new KeptResults({
    directory,
    mode,
    ...(clock && { clock }),
    onProblem: ({ code, message }) => problems.push(`${code} ${message}`),
  });

const segment = (text: string, more: Partial<Segment> = {}): Segment => ({
  segment_type: "Text",
  page_number: 1,
  content: text,
  ...more,
});
const WORD = { text: "w", bbox: { left: 1, top: 2, width: 3, height: 4 } };
const chunkOf = (text: string): ParsedChunk => ({
  chunkId: `id-${text}`,
  segments: [segment(text, { ocr: [WORD] })],
});

async function* stream(chunks: readonly ParsedChunk[]): AsyncGenerator<ParsedChunk> {
  yield* chunks;
}
const collect = async (chunks: AsyncIterable<ParsedChunk> | undefined): Promise<ParsedChunk[]> => {
  const all: ParsedChunk[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return all;
};
const keep = (
  results: KeptResults,
  chunks: readonly ParsedChunk[],
  key = KEY,
  options: WordOptions = { words: true },
) => collect(results.keep(key, { info: INFO, chunks: stream(chunks) }, options).chunks);
const files = () => readdir(directory).catch(() => []);
const theFile = async (): Promise<string> => path.join(directory, (await files())[0] ?? "");

describe("KeptResults", () => {
  it("returns a kept result, and passes it through while keeping it", async () => {
    const chunks = [chunkOf("a"), { chunkId: null, segments: [] }, chunkOf("line\nline \u2028 ünï")];
    expect(await keep(keeper(), chunks)).toEqual(chunks);
    const kept = await keeper().read(KEY);
    expect(kept?.info).toEqual(INFO);
    expect(await collect(kept?.chunks)).toEqual(chunks);
    expect(problems).toEqual([]);
  });

  it("keeps the pages of merged tables and the cells of workbooks", async () => {
    const place = { page_width: 10, page_height: 20, bbox: null };
    const merged_page_bboxes = [1, 2].map((page_number) => ({ page_number, ...place }));
    const cell_references = [{ sheet: "Q1", address: "A1:B2", ref: null }];
    await keep(keeper("text"), [
      { chunkId: "c", segments: [segment("a", { merged_page_bboxes, cell_references })] },
    ]);
    const [chunk] = await collect((await keeper().read(KEY))?.chunks);
    expect(chunk?.segments[0]).toMatchObject({ merged_page_bboxes, cell_references });
  });

  it("keeps a result without chunks", async () => {
    await keep(keeper(), []);
    expect(await collect((await keeper().read(KEY))?.chunks)).toEqual([]);
    expect((await keeper().size()).results).toBe(1);
  });

  it("keeps a result of the service in the form that the parse module reads", async () => {
    const open = () => openResult(JSON.parse(text), { name: "example", words: true });
    const text = await readFile(EXAMPLE, "utf8");
    const direct = await collect(open().chunks);
    await collect(keeper().keep(KEY, open(), { words: true }).chunks);
    const kept = await keeper().read(KEY, { words: true });
    const expected = direct.map(({ chunkId, segments }) => ({
      chunkId,
      segments: segments.map((one) => (one.image?.startsWith("http") ? { ...one, image: null } : one)),
    }));
    expect(await collect(kept?.chunks)).toEqual(expected);
    const { bytes } = await keeper().size();
    expect(bytes).toBeLessThan(text.length / 5);
  });

  it(`keeps packed words, and gives them packed or as objects (seed ${SEED})`, async () => {
    const length = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0));
    const bbox = fc.record({ left: length, top: length, width: length, height: length });
    const word = fc.record({
      text: fc.string({ unit: "grapheme", maxLength: 12 }),
      bbox,
      confidence: fc.option(length),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(word, { maxLength: 20 }), { maxLength: 5 }), async (all) => {
        const packed = all.map((words) => segment("a", { ocr: null, packed_ocr: packWords(words) }));
        await keep(keeper(), [{ chunkId: "c", segments: packed }]);
        const asPacked = await keeper().read(KEY, { words: true, packWords: true });
        expect((await collect(asPacked?.chunks))[0]?.segments).toEqual(packed);
        const asObjects = await keeper().read(KEY, { words: true });
        expect((await collect(asObjects?.chunks))[0]?.segments.map(({ ocr }) => ocr)).toEqual(all);
      }),
      { seed: SEED, numRuns: cases(40) },
    );
    expect(problems).toEqual([]);
  });

  it("keeps a result of many megabytes in blocks, and notices when one is missing", async () => {
    const ocr = packWords(Array.from({ length: 2_000 }, () => WORD));
    const chunks = Array.from({ length: 40 }, (_, n) => ({
      chunkId: null,
      segments: [segment(`${n} ${"text ".repeat(5_000)}`, { packed_ocr: ocr })],
    }));
    await keep(keeper(), chunks);
    const kept = await keeper().read(KEY, { words: true, packWords: true });
    expect(await collect(kept?.chunks)).toEqual(chunks);
    const name = await theFile();
    const whole = await readFile(name);
    const [header = whole, first = whole, ...others] = partsOf(whole);
    expect(others.length).toBeGreaterThan(2);
    await writeFile(name, Buffer.concat([header, ...others, whole.subarray(-END_BYTES)]));
    expect(await keeper().read(KEY)).toBeUndefined();
    await writeFile(name, Buffer.concat([header, first]));
    expect(await keeper().read(KEY)).toBeUndefined();
    expect(problems).toHaveLength(2);
  });

  it("takes a tenth of the bytes of the words as the service prints them", async () => {
    const words = Array.from({ length: 5_000 }, (_, n) => ({
      text: `word-${n % 700}`,
      bbox: { left: (n % 12) * 71.3, top: Math.floor(n / 12) * 24.37, width: 65.1, height: 18.5 },
      confidence: 0.97,
    }));
    await keep(keeper(), [{ chunkId: null, segments: [segment("a", { packed_ocr: packWords(words) })] }]);
    expect((await keeper().size()).bytes).toBeLessThan(JSON.stringify(words).length / 10);
  });

  it("keeps nothing, texts, or everything", async () => {
    await keep(keeper("none"), [chunkOf("a")]);
    expect(await files()).toEqual([]);
    await keep(keeper("text"), [chunkOf("a")]);
    expect((await collect((await keeper().read(KEY))?.chunks))[0]?.segments[0]?.ocr).toBeNull();
    expect(await keeper().read(KEY, { words: true })).toBeUndefined();
    const heading = {
      chunkId: "h",
      segments: [segment("h", { segment_type: "SectionHeader", ocr: [WORD] })],
    };
    await keep(keeper("text"), [heading]);
    expect(await collect((await keeper().read(KEY))?.chunks)).toEqual([heading]);
    await keep(keeper("all"), [chunkOf("a")], KEY, { words: false });
    expect(await keeper().read(KEY, { words: true })).toBeUndefined();
    await keep(keeper("all"), [chunkOf("a")]);
    expect(await collect((await keeper("none").read(KEY, { words: true }))?.chunks)).toEqual([chunkOf("a")]);
  });

  it("returns a result only for the same content and options", async () => {
    await keep(keeper(), [chunkOf("a")]);
    for (const other of [{ contentHash: "c2" }, { contentHash: null }, { parseHash: "p2" }, { docId: "x" }])
      expect(await keeper().read({ ...KEY, ...other })).toBeUndefined();
    await keep(keeper(), [chunkOf("b")], { ...KEY, contentHash: "c2" });
    expect(await keeper().read(KEY)).toBeUndefined();
    expect(await keeper().size()).toMatchObject({ results: 1 });
    expect(problems).toEqual([]);
  });

  it("keeps a picture, but not its address", async () => {
    const address = segment("a", { image: "https://bucket/x.png?X-Amz-Signature=abc" });
    const picture = segment("b", { image: "data:image/png;base64,AAAA" });
    await keep(keeper(), [{ chunkId: null, segments: [address, picture] }]);
    const [chunk] = await collect((await keeper().read(KEY))?.chunks);
    expect(chunk?.segments.map(({ image }) => image)).toEqual([null, picture.image]);
    const text = textOf(await readFile(await theFile()));
    expect(text).toContain("AAAA");
    expect(text).not.toContain("Signature");
  });

  it.each([["../../x"], ["/etc/passwd"], ["a\u0000b"], ["..\\..\\x"], ["x".repeat(9000)], ["CON"], ["."]])(
    "stays in its directory (%#)",
    async (docId) => {
      await keep(keeper(), [chunkOf("a")], { ...KEY, docId });
      expect(await readdir(parent)).toEqual(["results"]);
      expect(await files()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.result$/)]);
      expect(await collect((await keeper().read({ ...KEY, docId }))?.chunks)).toEqual([chunkOf("a")]);
      expect(await keeper().delete(docId)).toBe(true);
      expect(await keeper().delete(docId)).toBe(false);
      expect(await files()).toEqual([]);
    },
  );

  it("deletes what an earlier version kept, which it cannot read", async () => {
    await keep(keeper(), [chunkOf("a")]);
    const file = await theFile();
    await writeFile(file.replace(/\.result$/, ".jsonl.gz"), "of an earlier version");
    await keeper().delete(KEY.docId);
    expect(await files()).toEqual([]);
  });

  it("keeps nothing of a partial result, and does not replace the previous one", async () => {
    await keep(keeper(), [chunkOf("old")]);
    const breaking = async function* () {
      yield chunkOf("new");
      throw new Error("broke off");
    };
    for await (const _ of keeper().keep(KEY, { info: INFO, chunks: stream([chunkOf("1"), chunkOf("2")]) })
      .chunks)
      break;
    await expect(collect(keeper().keep(KEY, { info: INFO, chunks: breaking() }).chunks)).rejects.toThrow(
      "broke off",
    );
    expect(await files()).toHaveLength(1);
    expect(await collect((await keeper().read(KEY))?.chunks)).toEqual([chunkOf("old")]);
  });

  it("does not disturb the reader when keeping fails", async () => {
    await writeFile(directory, "a file in the way");
    expect(await keep(keeper(), [chunkOf("a"), chunkOf("b")])).toEqual([chunkOf("a"), chunkOf("b")]);
    expect(problems).toEqual([
      expect.stringMatching(/^LEDGER_FAILED the result of "report.pdf" is not kept/),
    ]);
    expect(await keeper().read(KEY)).toBeUndefined();
    expect(
      await keeper()
        .size()
        .catch((error: Error) => error.message),
    ).toMatchObject({ results: 0 });
  });

  it("returns nothing for a file that is damaged anywhere", async () => {
    await keep(keeper(), [chunkOf("a"), chunkOf("b"), chunkOf("c")]);
    const name = await theFile();
    const whole = await readFile(name);
    let damagedReads = 0;
    for (let length = 0; length < whole.length; length += 3) {
      await truncate(name, length).catch(() => undefined);
      await writeFile(name, whole.subarray(0, length));
      if (!(await keeper().read(KEY))) damagedReads += 1;
    }
    expect(damagedReads).toBe(Math.ceil(whole.length / 3));
    expect(problems).toHaveLength(damagedReads);
    await writeFile(name, whole);
    expect(await collect((await keeper().read(KEY))?.chunks)).toHaveLength(3);
  });

  it("does not show the bytes of a header that is damaged", async () => {
    await keep(keeper(), [chunkOf("a")]);
    const name = await theFile();
    const whole = await readFile(name);
    await writeFile(name, Buffer.concat([Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff]), whole.subarray(5)]));
    expect(await keeper().read(KEY)).toBeUndefined();
    for await (const _ of keeper().list()) expect.unreachable("it is damaged");
    expect(problems).toEqual([
      expect.stringMatching(/is not used: it is damaged or cut short/),
      expect.stringMatching(/is left out: it is damaged or cut short/),
    ]);
  });

  it("returns nothing for another version, or what is no result at all", async () => {
    await keep(keeper(), [chunkOf("a")]);
    const name = await theFile();
    const contents = (await readFile(name)).subarray(0, -END_BYTES);
    const newer = contents.toString("latin1").replace('"format":3', '"format":4');
    const variants = [Buffer.from(newer, "latin1"), contents.subarray(1), Buffer.from("null\n"), Buffer.of()];
    for (const variant of variants) {
      await writeFile(name, sealed(variant));
      expect(await keeper().read(KEY), variant.toString("latin1").slice(0, 200)).toBeUndefined();
    }
    expect(problems).toHaveLength(variants.length);
  });

  it("names the block that this version cannot read, and what to do", async () => {
    await keep(keeper(), [{ chunkId: null, segments: [segment("a", { page_number: 1.5 })] }]);
    await expect(collect((await keeper().read(KEY))?.chunks)).rejects.toThrow(
      /block 1; delete the file to parse the document again: .*page_number/,
    );
  });

  it(`returns nothing when a byte is changed (seed ${SEED})`, async () => {
    const chunks = [chunkOf("a"), chunkOf("b"), chunkOf("c")];
    await keep(keeper(), chunks);
    const name = await theFile();
    const whole = await readFile(name);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ flip;
        await writeFile(name, changed);
        const kept = await keeper().read(KEY);
        expect(kept).toBeUndefined();
      }),
      { seed: SEED, numRuns: cases(150) },
    );
  });

  it(`keeps any chunks (seed ${SEED})`, async () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    const chunk = fc.record({
      chunkId: fc.option(text),
      segments: fc.array(
        text.map((one) => segment(one)),
        { maxLength: 3 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(text, fc.array(chunk, { maxLength: 6 }), async (docId, chunks) => {
        await keep(keeper("text"), chunks, { ...KEY, docId });
        const kept = await collect((await keeper().read({ ...KEY, docId }))?.chunks);
        expect(kept).toEqual(
          chunks.map((one) => ({ ...one, segments: one.segments.map((kind) => ({ ...kind, ocr: null })) })),
        );
      }),
      { seed: SEED, numRuns: cases(40) },
    );
    expect(problems).toEqual([]);
  });

  it("can be written by several at once, and then has one complete result", async () => {
    const writers = Array.from({ length: 8 }, (_, n) =>
      Array.from({ length: 50 }, (__, m) => chunkOf(`${n}/${m}/${"x".repeat(3000)}`)),
    );
    await Promise.all(writers.map((chunks) => keep(keeper(), chunks)));
    expect(writers).toContainEqual(await collect((await keeper().read(KEY))?.chunks));
    expect(await files()).toHaveLength(1);
  });

  it("removes only the files that killed writers left behind", async () => {
    const program = path.join(parent, "writer.mjs");
    await writeFile(
      program,
      `import { existsSync, readdirSync } from "node:fs";
       import { KeptResults } from ${JSON.stringify(MODULE)};
       const directory = ${JSON.stringify(directory)};
       const chunks = async function* () {
         for (let told = false; ; ) {
           yield { chunkId: null, segments: [{ segment_type: "Text", page_number: 1, content: Math.random() + "x".repeat(9999) }] };
           await new Promise((resolve) => setImmediate(resolve));
           if (told || !existsSync(directory) || readdirSync(directory).length === 0) continue;
           told = true;
           console.log("writing");
         }
       };
       const info = { jobId: null, state: null, fileName: null, pageCount: null };
       const key = ${JSON.stringify(KEY)};
       for await (const _ of new KeptResults({ directory }).keep(key, { info, chunks: chunks() }).chunks);`,
    );
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(await keeper().sweep()).toBe(0);
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    await keep(keeper(), [chunkOf("a")], { ...KEY, docId: "other" });
    await writeFile(path.join(directory, "notes.txt"), "somebody's");
    expect(await files()).toHaveLength(3);
    expect(await keeper().sweep()).toBe(1);
    expect((await files()).sort()).toEqual([expect.stringMatching(/result$/), "notes.txt"]);
    expect(await keeper().read(KEY)).toBeUndefined();
  });

  it("removes temporary files that are a day old, even those of unknown writers", async () => {
    await keep(keeper(), [chunkOf("a")]);
    const { machine, pid } = currentProcess();
    const stem = "0".repeat(64);
    const mine = path.join(directory, `${stem}.${machine}-${pid}-1.tmp`);
    const foreign = path.join(directory, `${stem}.abcdef-1-2.tmp`);
    for (const file of [mine, foreign]) await writeFile(file, "part");
    const clock = new AutoAdvanceClock((await stat(mine)).mtimeMs);
    expect(await keeper("all", clock).sweep()).toBe(0);
    await utimes(foreign, new Date(0), new Date(0));
    expect(await keeper("all", clock).sweep()).toBe(1);
    expect(await files()).toHaveLength(2);
  });
});
