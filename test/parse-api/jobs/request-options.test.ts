import { describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { parseOptions } from "../../../src/internal/options.js";
import { toFormFields, toUploadBody } from "../../../src/parse-api/jobs/request-encoding.js";
import { type ParseRequestOptions, parseRequestSchema } from "../../../src/parse-api/jobs/request-options.js";
import { openService, pdf } from "../../support/parse-service.js";

/** Every option the service documents. */
const EVERYTHING = {
  chunk_processing: {
    ignore_headers_and_footers: true,
    target_length: 0,
    tokenizer: { Enum: "Cl100kBase" },
  },
  detect_checkboxes: true,
  error_handling: "Fail",
  expires_in: 3600,
  extract_charts: true,
  extract_colors: false,
  extract_links: true,
  llm_processing: {
    fallback_strategy: { Model: "m" },
    max_completion_tokens: 100,
    model_id: "m",
    temperature: 0.1,
  },
  merge_tables: true,
  ocr_engine: "UnsiloedHawk",
  ocr_mode: "force_ocr",
  output_fields: {
    bbox: true,
    chart_data: true,
    confidence: true,
    content: true,
    embed: false,
    html: true,
    image: false,
    llm: true,
    markdown: true,
    ocr: false,
  },
  page_range: "1-5,8",
  segment_processing: {
    Table: { html: "LLM", markdown: "LLM", model_id: "us_table_v2", use_table_ocr: true },
    Picture: { crop_image: "All", content_source: "LLM", llm: "Describe.", embed_sources: ["Markdown"] },
    Text: { extended_context: true },
  },
  segment_type_naming: "Other",
  segmentation_method: "page_by_page",
  use_high_resolution: false,
  validate_segments: ["Table", "Formula"],
  validate_table_segments: true,
  xml_citation: true,
} as const satisfies ParseRequestOptions;

const readOnlyJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("request options", () => {
  it("reach the service through the form, every one of them", async () => {
    const { client, emulator } = await openService();
    const request = readOptions({ ...EVERYTHING, keep_segment_types: ["table", "picture"] });
    await client.submitFile(pdf(), request);
    expect(emulator.jobs[0]?.options).toEqual(
      readOnlyJson({ ...EVERYTHING, keep_segment_types: "table,picture" }),
    );
    expect(emulator.jobs[0]?.unknownOptions).toEqual([]);
  });

  it("reach the service through the presigned upload, every one it takes", async () => {
    const { client, emulator } = await openService({}, { uploadThresholdBytes: 0 });
    await client.submitFile(pdf(), readOptions(EVERYTHING));
    expect(emulator.jobs[0]?.options).toEqual(readOnlyJson(EVERYTHING));
    expect(emulator.jobs[0]?.unknownOptions).toEqual([]);
  });

  it("are texts in the form, objects as JSON", () => {
    const fields = toFormFields({
      page_range: "1-5",
      merge_tables: false,
      expires_in: 60,
      output_fields: { ocr: false },
      ocr_mode: undefined,
    });
    expect(fields).toEqual([
      ["page_range", "1-5"],
      ["merge_tables", "false"],
      ["expires_in", "60"],
      ["output_fields", '{"ocr":false}'],
    ]);
  });

  it("go by the one name that the upload knows for the handling of segments", () => {
    const analysis = { Table: { html: "LLM" } } as const;
    const processing = { Table: { html: "Auto" } } as const;
    expect(toUploadBody({ segment_analysis: analysis }, "a.pdf")).toEqual({
      file_name: "a.pdf",
      segment_processing: analysis,
    });
    expect(toUploadBody({ segment_analysis: analysis, segment_processing: processing }, "a.pdf")).toEqual({
      file_name: "a.pdf",
      segment_processing: processing,
    });
    expect(toUploadBody({ keep_segment_types: "all" }, "a.pdf")).toEqual({ file_name: "a.pdf" });
  });

  it("are refused when the service would not understand them", () => {
    for (const [options, message] of [
      [{ mergeTables: true }, "unknown option mergeTables"],
      [{ merge_tables: "yes" }, 'merge_tables: expected boolean, got "yes" (string)'],
      [
        { ocr_engine: "Tesseract" },
        'ocr_engine: expected "UnsiloedBeta" or "UnsiloedHawk" or "UnsiloedStorm"',
      ],
      [{ page_range: "5-" }, "page_range: expected"],
      [{ expires_in: 0 }, "expires_in: expected a number ≥ 1, got 0 (number)"],
      [{ output_fields: { words: false } }, "output_fields: unknown option words"],
      [{ segment_analysis: { Tabel: {} } }, "segment_analysis: unknown option Tabel"],
      [{ segment_processing: { Text: { html: "Best" } } }, "segment_processing.Text.html: expected"],
      [{ validate_segments: ["table"] }, "validate_segments[0]: expected"],
      [{ chunk_processing: { target_length: -1 } }, "chunk_processing.target_length: expected a number ≥ 0"],
    ] as const) {
      expect(() => readOptions(options)).toThrow(UnsiloedError);
      expect(() => readOptions(options)).toThrow(message);
    }
  });

  it("take the three forms of a page range", () => {
    for (const page_range of ["3", "1-5", "2,4,6", "[1,3,5]", "1-3, 7"])
      expect(readOptions({ page_range }).page_range).toBe(page_range);
  });
});

const readOptions = (options: unknown) => parseOptions(parseRequestSchema, options, "parse");
