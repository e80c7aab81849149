import { describe, expect, it } from "vitest";
import { openResult } from "../../../src/parse-api/results/in-memory.js";
import { collect, errorOf, readReport } from "../../support/parse-service.js";

const open = async (value: unknown, words = false) => openResult(value, { name: "result.json", words });
const read = async (value: unknown, words = false) => collect((await open(value, words)).chunks);
const messageFor = async (value: unknown, words = false): Promise<string> =>
  (await errorOf(read(value, words))).message;

const segment = { segment_type: "Text", page_number: 1 };
const withSegment = (more: object) => ({ chunks: [{ segments: [{ ...segment, ...more }] }] });

describe("a result", () => {
  it("has all segments of the sample, in order", async () => {
    const { info, chunks } = await open(await readReport());
    expect(info).toEqual({
      jobId: "f2f38454-872d-4ac9-afcd-5b1cfad7c683",
      state: "Succeeded",
      fileName: "aurora-grid-storage-annual-report-2025.pdf",
      pageCount: 5,
    });
    const all = await collect(chunks);
    const pages = all.flatMap(({ segments }) => segments.map((one) => one.page_number));
    expect(all).toHaveLength(22);
    expect(pages).toHaveLength(54);
    expect(pages).toEqual(pages.toSorted((a, b) => a - b));
    expect(all.every(({ chunkId, segments }) => chunkId && segments.every(({ ocr }) => ocr === null))).toBe(
      true,
    );
  });

  it("keeps word boxes when asked to", async () => {
    const report = await readReport();
    const all = await read(report, true);
    const words = all.flatMap(({ segments }) => segments.flatMap(({ ocr }) => ocr ?? []));
    expect(words.length).toBeGreaterThan(1_000);
    expect(words[0]).toMatchObject({ text: "Aurora", bbox: { left: 0, top: 0 }, confidence: null });
  });

  it("in memory is not changed when invalid values are skipped", async () => {
    const odd = { confidence: 7, bbox: { left: 0, top: 0, width: -1, height: 1 }, page_width: -5, ocr: [] };
    const result = withSegment(odd);
    const [chunk] = await read(result);
    expect(chunk?.segments).toEqual([
      { ...segment, bbox: null, page_width: null, confidence: null, ocr: null },
    ]);
    expect(result).toEqual(withSegment(odd));
  });

  it("may lack nearly all fields", async () => {
    expect(await read({ chunks: [] })).toEqual([]);
    expect(await read({ status: "Succeeded", chunks: null })).toEqual([]);
    expect(await read({ chunks: [{}, { segments: null }, { chunk_id: null, segments: [] }] })).toHaveLength(
      3,
    );
    const { info } = await open({ chunks: [] });
    expect(info).toEqual({ jobId: null, state: null, fileName: null, pageCount: null });
    const [chunk] = await read(withSegment({}));
    expect(chunk?.segments[0]).toMatchObject(segment);
    const nulls = {
      content: null,
      markdown: null,
      html: null,
      bbox: null,
      confidence: null,
      ocr: null,
      image: null,
    };
    expect(await read(withSegment({ ...nulls, page_width: null, segment_id: null }), true)).toHaveLength(1);
  });

  it("may have unknown fields and types", async () => {
    const value = { new: 1, job_id: 5, ...withSegment({ segment_type: "Stamp", seal: { round: true } }) };
    const [chunk] = await read(value);
    expect(chunk?.segments[0]).toMatchObject({ segment_type: "Stamp", seal: { round: true } });
  });

  it("has the pages of merged tables and the cells of workbooks, without impossible values", async () => {
    const box = { left: 1, top: 2, width: 3, height: 4 };
    const read1 = async (more: object) => {
      const [chunk] = await read(withSegment(more));
      const { merged_page_bboxes, cell_references } = chunk?.segments[0] ?? {};
      return { merged_page_bboxes, cell_references };
    };
    const pages = [
      { page_number: 2, page_width: 10, page_height: 20, bbox: box },
      { page_number: 3, bbox: { ...box, width: -1 }, page_height: -5 },
    ];
    expect(
      await read1({ merged_page_bboxes: pages, cell_references: [{ sheet: "Q1", address: "A1", more: 1 }] }),
    ).toEqual({
      merged_page_bboxes: [pages[0], { page_number: 3, page_width: null, page_height: null, bbox: null }],
      cell_references: [{ sheet: "Q1", address: "A1", ref: null }],
    });
    for (const odd of [5, "x", {}, [5], [{ page_number: "2", sheet: 5 }]])
      expect(await read1({ merged_page_bboxes: odd, cell_references: odd })).toEqual({
        merged_page_bboxes: null,
        cell_references: null,
      });
  });

  it.each([
    ["3", 3],
    [" 12 ", 12],
    ["4.0", 4],
    [null, 0],
    ["", 0],
    ["iv", 0],
    ["-1", 0],
    ["1e300", 0],
    [-1, 0],
    [1.5, 0],
    [1e300, 0],
    [{}, 0],
    [undefined, 0],
  ])("has a page number %j that is none or a text, and is not refused", async (page_number, expected) => {
    const [chunk] = await read({ chunks: [{ segments: [segment, { ...segment, page_number }] }] });
    expect(chunk?.segments.map((one) => one.page_number)).toEqual([1, expected]);
  });

  it.each([
    [{ segment_type: null }, { segment_type: "Unknown" }],
    [{ segment_type: undefined }, { segment_type: "Unknown" }],
    [{ bbox: { left: 1, top: 2 } }, { bbox: null }],
    [{ bbox: "none" }, { bbox: null }],
    [{ confidence: "0.87" }, { confidence: 0.87 }],
    [{ confidence: "high" }, { confidence: null }],
    [{ confidence: "7" }, { confidence: null }],
    [
      { page_width: "1700", page_height: [] },
      { page_width: 1700, page_height: null },
    ],
    [{ segment_id: 17 }, { segment_id: "17" }],
    [{ segment_id: {} }, { segment_id: null }],
  ])("is not refused for what is only said about a text: %j", async (given, expected) => {
    const [chunk] = await read(withSegment({ content: "kept", ...given }));
    expect(chunk?.segments).toMatchObject([{ content: "kept", ...expected }]);
  });

  it("is refused with the path of the field that is wrong", async () => {
    const good = { segments: [segment, segment] };
    const cases: [unknown, string][] = [
      [
        { chunks: [good, good, good, { segments: [segment, { ...segment, markdown: {} }] }] },
        "chunks[3].segments[1].markdown: expected string, got {} (object)",
      ],
      [withSegment({ content: 5 }), "chunks[0].segments[0].content: expected string, got 5 (number)"],
      [{ chunks: [{ segments: [5] }] }, "chunks[0].segments[0]: expected object, got 5 (number)"],
      [{ chunks: [{ segments: {} }] }, "chunks[0].segments: expected array, got {} (object)"],
      [{ chunks: ["x"] }, 'chunks[0]: expected object, got "x" (string)'],
      [{ chunks: {} }, "chunks: expected array, found an empty object"],
    ];
    for (const [value, message] of cases) {
      const error = await errorOf(read(value));
      expect(error.code).toBe("INVALID_RESULT");
      expect(error.message).toContain(`result.json: ${message}`);
    }
  });

  it("returns the chunks before the invalid one", async () => {
    const { chunks } = await open({ chunks: [{ segments: [segment] }, { segments: [{ content: 5 }] }] });
    const seen: number[] = [];
    const error = await errorOf(
      (async () => {
        for await (const { segments } of chunks) seen.push(segments.length);
      })(),
    );
    expect(seen).toEqual([1]);
    expect(error.message).toContain("chunks[1].segments[0].content");
  });

  it("has its word boxes checked only when they are wanted", async () => {
    const box = { left: 0, top: 0, width: 1, height: 1 };
    const bad = withSegment({
      ocr: [
        { text: "a", bbox: box },
        { text: "b", bbox: { ...box, top: "0" } },
      ],
    });
    expect(await read(bad)).toHaveLength(1);
    expect(await messageFor(bad, true)).toBe(
      'result.json: chunks[0].segments[0].ocr[1].bbox.top: expected number, got "0" (string)',
    );
    expect(await messageFor(withSegment({ ocr: "words" }), true)).toBe(
      'result.json: chunks[0].segments[0].ocr: expected array, got "words" (string)',
    );
    expect(await messageFor(withSegment({ ocr: [7] }), true)).toContain("ocr[0]: expected object, got 7");
    const incomplete = withSegment({
      ocr: [{ text: "a" }, { text: null, bbox: box }, { text: "b", bbox: box, color: 1 }],
    });
    const [chunk] = await read(incomplete, true);
    expect(chunk?.segments[0]?.ocr).toEqual([{ text: "b", bbox: box, color: 1 }]);
  });
});

describe("a value that is not a result", () => {
  it("is described in the error", async () => {
    const expected = 'result.json: expected a parse result of Unsiloed, an object with "chunks", found ';
    for (const [value, found] of [
      [{ pages: [], model: "x" }, "an object with pages, model"],
      [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, "an object with a, b, c, d, e, …"],
      [{}, "an empty object"],
      [[{ chunks: [] }], "an array of 1"],
      ["text", "a string"],
      [null, "null"],
      [{ job_id: "j", status: "Processing" }, "the status of job j (Processing) without its result"],
    ] as const) {
      const error = await errorOf(open(value));
      expect(error.code).toBe("INVALID_RESULT");
      expect(error.message).toContain(expected + found);
    }
  });

  it("may name its state in any case, and completed for succeeded", async () => {
    for (const status of ["completed", "Completed", "COMPLETED", "succeeded", "SUCCEEDED"])
      expect((await open({ status, chunks: [] })).info.state).toBe("Succeeded");
    expect((await errorOf(open({ job_id: "j", status: "failed", message: "torn" }))).code).toBe("JOB_FAILED");
    expect((await errorOf(open({ status: "CANCELLED" }))).code).toBe("JOB_CANCELLED");
    expect((await errorOf(open({ status: "processing", chunks: [] }))).message).toContain("had not ended");
  });

  it("is the answer of a job that failed, was cancelled or had not ended", async () => {
    const failed = { job_id: "j", status: "Failed", message: "corrupted, see https://a.example/b?c=d" };
    expect(await errorOf(open(failed))).toMatchObject({
      code: "JOB_FAILED",
      message: "result.json: the parse job failed: corrupted, see https://a.example/b",
      context: { jobId: "j" },
    });
    expect((await errorOf(open({ status: "Cancelled" }))).code).toBe("JOB_CANCELLED");
    const early = await errorOf(open({ status: "Processing", chunks: null }));
    expect(early.message).toContain("had not ended (Processing)");
  });
});
