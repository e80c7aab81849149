import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { packedOf, unpackWords } from "../../../src/documents/packed-words.js";
import type { ParsedChunk } from "../../../src/documents/result.js";
import { openResult } from "../../../src/parse-api/results/in-memory.js";
import { DEFAULT_RESULT_LIMITS, type ResultLimits } from "../../../src/parse-api/results/limits.js";
import { type ChunkPart, streamResult } from "../../../src/parse-api/results/result-reader.js";
import { collect, errorOf, REPORT, readReport } from "../../support/parse-service.js";

async function* inPieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

interface Reading {
  words?: boolean;
  packWords?: boolean;
  size?: number;
  limits?: Partial<ResultLimits>;
}

const open = (given: Uint8Array | string | object, { words, packWords, size, limits }: Reading = {}) => {
  const bytes =
    given instanceof Uint8Array
      ? given
      : Buffer.from(typeof given === "string" ? given : JSON.stringify(given));
  return streamResult(inPieces(bytes, size), {
    name: "r.json",
    words,
    packWords,
    limits: { ...DEFAULT_RESULT_LIMITS, ...limits },
  });
};

const parts = async (given: Uint8Array | string | object, reading: Reading = {}): Promise<ChunkPart[]> =>
  collect((await open(given, reading)).parts);

const chunksOf = (all: readonly ChunkPart[]): ParsedChunk[] =>
  all.map(({ chunkId, segments }) => ({ chunkId, segments }));

const segment = { segment_type: "Text", page_number: 1 };
const withSegment = (more: object) => ({ chunks: [{ segments: [{ ...segment, ...more }] }] });

describe("a result that is streamed", () => {
  it("is the same as in memory, with and without word boxes, for any pieces", async () => {
    const report = await readReport();
    const bytes = await readFile(REPORT);
    for (const words of [false, true]) {
      const inMemory = openResult(report, { name: "r.json", words });
      const expected = await collect(inMemory.chunks);
      for (const size of [17, 70_000]) {
        const opened = await open(bytes, { words, size });
        expect(chunksOf(await collect(opened.parts))).toEqual(expected);
        expect(opened.info).toEqual(inMemory.info);
      }
    }
  });

  it("has the same packed words, for any pieces and in memory", async () => {
    const report = await readReport();
    const bytes = await readFile(REPORT);
    const expected = await collect(openResult(report, { name: "r.json", words: true }).chunks);
    const unpacked = (chunks: readonly ParsedChunk[]) =>
      chunks.map(({ chunkId, segments }) => ({
        chunkId,
        segments: segments.map(({ packed_ocr, ...segment }) => {
          expect(segment.ocr).toBeNull();
          return { ...segment, ocr: packed_ocr ? unpackWords(packed_ocr) : null };
        }),
      }));
    for (const size of [17, 4_000, 70_000]) {
      const opened = await open(bytes, { words: true, packWords: true, size });
      expect(unpacked(chunksOf(await collect(opened.parts)))).toEqual(expected);
    }
    const inMemory = openResult(report, { name: "r.json", words: true, packWords: true });
    expect(unpacked(await collect(inMemory.chunks))).toEqual(expected);
  });

  it("ignores packed words of the service, and uses the last of two word lists", async () => {
    const word = (text: string) => ({ text, bbox: { left: 0, top: 0, width: 9, height: 9 }, confidence: 1 });
    const odd = { ...word("odd"), text: "\ud83d" };
    const textsOf = async (segmentJson: string) => {
      const json = `{"chunks":[{"segments":[{"segment_type":"Text","page_number":1,${segmentJson}}]}]}`;
      const [part] = await parts(json, { words: true, packWords: true });
      const [read] = part?.segments ?? [];
      return read ? unpackWords(packedOf(read)).map(({ text }) => text) : undefined;
    };
    const [first, second, broken] = [[word("first")], [word("second")], [odd]].map((each) =>
      JSON.stringify(each),
    );
    expect(await textsOf(`"packed_ocr":{"text":"x","numbers":[]}`)).toEqual([]);
    expect(await textsOf(`"ocr":${first},"ocr":${second}`)).toEqual(["second"]);
    expect(await textsOf(`"ocr":${first},"ocr":${broken}`)).toEqual(["\ud83d"]);
    expect(await textsOf(`"ocr":${broken},"ocr":${second}`)).toEqual(["second"]);
    expect(await textsOf(`"ocr":${first},"ocr":null`)).toEqual([]);
    expect(await textsOf(`"ocr":[]`)).toEqual([]);
  });

  it("refuses invalid and too many words with the same errors, packed or not", async () => {
    const word = { text: "w", bbox: { left: 0, top: 0, width: 9, height: 9 } };
    for (const ocr of [
      [{ ...word, text: 5 }],
      [null],
      [{ text: "", bbox: { left: 1 } }],
      "x",
      [word, word, word],
    ]) {
      const limits = { words: 2 };
      const message = (await errorOf(parts(withSegment({ ocr }), { words: true, limits }))).message;
      const packed = await errorOf(parts(withSegment({ ocr }), { words: true, packWords: true, limits }));
      expect(packed.message).toBe(message);
    }
    const deep = { words: true, limits: { depth: 2 } };
    const { message } = await errorOf(parts(withSegment({ ocr: [word] }), deep));
    const packed = await errorOf(parts(withSegment({ ocr: [word] }), { ...deep, packWords: true }));
    expect(packed.message).toBe(message);
  });

  it("may have its keys in any order, and fields after the chunks are known at the end", async () => {
    const chunks = [{ segments: [segment], chunk_id: "c" }];
    const opened = await open({ chunks, status: "Succeeded", job_id: "j", page_count: 1 });
    expect(opened.info).toEqual({ jobId: null, state: null, fileName: null, pageCount: null });
    expect(await collect(opened.parts)).toMatchObject([{ index: 0, chunkId: "c", last: true }]);
    expect(opened.info).toEqual({ jobId: "j", state: "Succeeded", fileName: null, pageCount: 1 });
  });

  it("ends with the error of a job that failed or had not ended, for any position of its status", async () => {
    const chunks = [{ segments: [segment] }];
    for (const [status, code] of [
      ["Failed", "JOB_FAILED"],
      ["Cancelled", "JOB_CANCELLED"],
      ["Processing", "INVALID_RESULT"],
    ] as const) {
      expect((await errorOf(open({ status, chunks }))).code).toBe(code);
      const opened = await open({ chunks, status, job_id: "j" });
      const seen: ChunkPart[] = [];
      const reading = (async () => {
        for await (const part of opened.parts) seen.push(part);
      })();
      expect((await errorOf(reading)).code).toBe(code);
      expect(seen).toHaveLength(1);
    }
  });

  it("may be gzip, or begin with a byte order mark", async () => {
    const text = JSON.stringify(withSegment({ content: "Zoë 漢 🙂" }));
    for (const given of [
      Buffer.from(text),
      gzipSync(text),
      Buffer.concat([gzipSync(text.slice(0, 20)), gzipSync(text.slice(20))]),
      Buffer.from(`\uFEFF${text}`),
      Buffer.from(`\uFEFF${text}`, "utf16le"),
      gzipSync(Buffer.from(`\uFEFF${text}`, "utf16le")),
    ])
      for (const size of [1, 1_000])
        expect((await parts(given, { size }))[0]?.segments[0]?.content).toBe("Zoë 漢 🙂");
  });

  it("names the byte and the last complete segment when it is cut short", async () => {
    const text = JSON.stringify({
      chunks: [{ segments: [segment, segment] }, { segments: [segment] }],
      more: 1,
    });
    const cut = text.slice(0, -20);
    expect((await errorOf(parts(cut))).message).toBe(
      `r.json: not valid JSON, perhaps cut short: it ends at byte ${cut.length}, after chunks[0].segments[1], the last whole segment (2 read)`,
    );
    for (let end = 0; end < text.length; end++) {
      const error = await errorOf(parts(text.slice(0, end)));
      expect(error).toMatchObject({ code: "INVALID_RESULT", retryable: false });
      expect(error.message).toContain(end === 0 ? "empty" : `ends at byte ${end}`);
    }
  });

  it("is refused when it is not JSON, without quoting it", async () => {
    const secret = '{"key": "s3cret", "n": tru }';
    for (const [given, message] of [
      ["", "r.json: empty"],
      [" \n", "r.json: not valid JSON"],
      [gzipSync(""), "r.json: empty"],
      ["<html>", "r.json: not valid JSON"],
      [secret, "r.json: not valid JSON"],
      [
        '{"chunks":[{"segments":[{"segment_type":s3cret}]}]}',
        "chunks[0].segments[0] at byte 24: not valid JSON",
      ],
      [gzipSync(secret).subarray(0, 20), "r.json: the gzip data is damaged or cut short"],
      ["[1]", "found an array of 1"],
      ['{"pages":[]}', "found an object with pages"],
      [
        '{"chunks":[{"text":"x"}]}',
        'chunks[0]: expected an object with "segments", found an object with text',
      ],
      ['{"chunks":[],"chunks":[]}', "twice"],
    ] as const) {
      const error = await errorOf(parts(given));
      expect(error.code).toBe("INVALID_RESULT");
      expect(error.message).toContain(message);
      expect(error.message).not.toContain("s3cret");
    }
  });

  it("returns a large chunk in parts", async () => {
    const content = "x".repeat(300_000);
    const segments = Array.from({ length: 10 }, (_, index) => ({
      ...segment,
      segment_id: `s${index}`,
      content,
    }));
    const all = await parts({
      chunks: [
        { chunk_id: "c", segments },
        { chunk_id: "d", segments: [segment] },
      ],
    });
    expect(
      all.map(({ index, chunkId, segments: { length }, last }) => [index, chunkId, length, last]),
    ).toEqual([
      [0, "c", 4, false],
      [0, "c", 4, false],
      [0, "c", 2, true],
      [1, "d", 1, true],
    ]);
    expect(all.flatMap((part) => part.segments.map((one) => one.segment_id)).slice(0, 10)).toEqual(
      segments.map((one) => one.segment_id),
    );
  });

  it("closes its source when its reader stops, or when it is not a result", async () => {
    let ended = 0;
    const source = async function* (text: string) {
      try {
        for (;;) yield Buffer.from(text);
      } finally {
        ended += 1;
      }
    };
    const opened = await streamResult(source('{"chunks":[{},'.padEnd(100)), { name: "r" });
    for await (const _part of opened.parts) break;
    expect(ended).toBe(1);
    expect(
      (
        await errorOf(
          streamResult(source("[[[["), {
            name: "r",
            limits: { ...DEFAULT_RESULT_LIMITS, segmentBytes: 99 },
          }),
        )
      ).message,
    ).toContain("larger than 99 bytes");
    expect(ended).toBe(2);
  });
});

describe("the limits of a result", () => {
  it("are named in the error when they are exceeded", async () => {
    const box = { left: 0, top: 0, width: 1, height: 1 };
    const word = { text: "a", bbox: box };
    const nested = JSON.parse(`${"[".repeat(80)}${"]".repeat(80)}`);
    for (const [given, reading, message] of [
      [{ chunks: [{}, {}, {}] }, { limits: { chunks: 2 } }, "at most 2 chunks"],
      [
        { chunks: [{ segments: [segment, segment] }, { segments: [segment] }] },
        { limits: { segments: 2 } },
        "at most 2 segments",
      ],
      [
        withSegment({ content: "x".repeat(11) }),
        { limits: { textLength: 10 } },
        "chunks[0].segments[0].content: expected at most 10 characters, found 11",
      ],
      [
        withSegment({ segment_type: "x".repeat(1_001) }),
        {},
        "segment_type: expected at most 1000 characters",
      ],
      [
        withSegment({ ocr: [word, word] }),
        { words: true, limits: { words: 1 } },
        "ocr: expected at most 1 words, found 2",
      ],
      [withSegment({ chart_data: nested }), {}, "nested deeper than 69 levels"],
      [
        withSegment({ content: "x".repeat(999) }),
        { limits: { segmentBytes: 900 } },
        "is larger than 900 bytes",
      ],
      [withSegment({ content: "x".repeat(999) }), { limits: { bytes: 900 } }, "larger than 900 bytes"],
    ] as const) {
      const error = await errorOf(parts(given, reading));
      expect(error).toMatchObject({ code: "INVALID_RESULT", retryable: false });
      expect(error.message).toContain(message);
      expect(error.message).toContain("see the option limits");
    }
    const inMemory = openResult(withSegment({ chart_data: nested }), { name: "r.json" });
    expect((await errorOf(collect(inMemory.chunks))).message).toContain("nested deeper than 64 levels");
  });

  it("stop a gzip bomb long before it is decompressed", async () => {
    const bomb = gzipSync(`{"chunks":[${" ".repeat(100_000_000)}]}`);
    const error = await errorOf(parts(bomb));
    expect(error.message).toContain("the gzip data unpacks to more than 200 times its size");
  });
});

describe("impossible values", () => {
  const read = async (more: object, words = false) =>
    (await parts(JSON.stringify(withSegment(more)).replaceAll('"1e999"', "1e999"), { words }))[0]
      ?.segments[0];
  const box = { left: 1, top: 2, width: 3, height: 4 };

  it("are treated as missing: boxes, page sizes and confidences", async () => {
    for (const bad of [{ width: -1 }, { height: -0.1 }, { left: 1e300 }, { top: -1e9 }])
      expect((await read({ bbox: { ...box, ...bad } }))?.bbox).toBeNull();
    expect((await read({ bbox: { ...box, left: -3 } }))?.bbox).toEqual({ ...box, left: -3 });
    expect(await read({ page_width: -1, page_height: 1e12, confidence: 97 })).toMatchObject({
      page_width: null,
      page_height: null,
      confidence: null,
    });
    const ocr = [
      { text: "a", bbox: box },
      { text: "b", bbox: { ...box, width: -3 } },
      { text: "c", bbox: { ...box, left: "1e999" } },
    ];
    expect((await read({ ocr }, true))?.ocr).toEqual([{ text: "a", bbox: box }]);
  });

  it("are treated as missing when they are infinite", async () => {
    const impossible = { page_number: "1e999", bbox: { ...box, left: "1e999" }, confidence: "1e999" };
    expect(await read(impossible)).toMatchObject({ page_number: 0, bbox: null, confidence: null });
  });

  it("are allowed when they are the names of JavaScript properties", async () => {
    const text = `{"__proto__":{"x":1},"chunks":[{"segments":[{"segment_type":"__proto__","page_number":1,"segment_id":"constructor","__proto__":{"polluted":true},"constructor":"c"}],"__proto__":null}]}`;
    const [part] = await parts(text);
    expect(part?.segments[0]).toMatchObject({ segment_type: "__proto__", segment_id: "constructor" });
    expect(Object.getPrototypeOf(part?.segments[0])).toBe(Object.prototype);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
