import { describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { parseOptions } from "../../../src/internal/options.js";
import { DIALECTS, type Dialect } from "../../../src/parse-api/jobs/dialects.js";
import { toFormFields, toUploadBody } from "../../../src/parse-api/jobs/request-encoding.js";
import { currentNames } from "../../../src/parse-api/jobs/request-names.js";
import { type ParseRequestOptions, parseRequestSchema } from "../../../src/parse-api/jobs/request-options.js";
import { openService, pdf } from "../../support/parse-service.js";

/** Every option of documents that both published forms have, by its name of September 2026. */
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
  ocr_strategy: "auto_detection",
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
    Table: { html: "VLM", markdown: "VLM", model_id: "us_table_v2", use_table_ocr: true },
    Picture: { crop_image: "All", content_source: "LLM", llm: "Describe.", embed_sources: ["Markdown"] },
    Text: { extended_context: true },
  },
  segment_type_naming: "Other",
  layout_analysis: "page_by_page",
  use_high_resolution: false,
  validate_segments: ["Table", "Formula"],
  validate_table_segments: true,
  xml_citation: true,
} as const satisfies ParseRequestOptions;

/** Every option that September 2026 adds, but for that of personal data. */
const ADDED = {
  agentic_ocr: "advanced",
  enhance_reading_order: true,
  export_format: ["docx", "markdown"],
  extract_strikethrough: true,
  merge_batch_size: 5,
  response_profile: "custom",
  segmentation_version: "v2",
} as const;

const OF_WORKBOOKS = {
  exclude_hidden: true,
  exclude_hidden_cols: true,
  exclude_hidden_rows: false,
  exclude_hidden_sheets: true,
  exclude_images: true,
  exclude_styling: true,
  max_rows_per_segment: 10,
  split_large_tables: false,
  table_clustering: "fast",
} as const satisfies ParseRequestOptions;

const readOnlyJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const { ocr_strategy: _, layout_analysis, segment_processing, ...same } = EVERYTHING;

/** The same options by their names of March 2026. */
const IN_MARCH = {
  ...same,
  ocr_mode: "auto_ocr",
  segmentation_method: layout_analysis,
  segment_processing: {
    ...segment_processing,
    Table: { ...segment_processing.Table, html: "LLM", markdown: "LLM" },
  },
};

describe("request options", () => {
  it.each([
    ["2026-03", { ...IN_MARCH, keep_segment_types: "table,picture" }],
    ["2026-09", { ...EVERYTHING, ...ADDED, segment_filter: "table,picture" }],
  ] as const)("reach a service of %s through the form, every one of them", async (dialect, expected) => {
    const { client, emulator } = await openService({ dialect });
    await client.submitFile(pdf(), {
      ...EVERYTHING,
      ...readOptions(ADDED),
      segment_filter: ["table", "picture"],
      validate_segments: ["Table", "Formula"],
    });
    expect(emulator.jobs[0]?.options).toEqual(readOnlyJson(expected));
  });

  it.each([
    ["2026-03", IN_MARCH],
    ["2026-09", { ...EVERYTHING, ...ADDED }],
  ] as const)("reach a service of %s through the upload, every one it takes", async (dialect, expected) => {
    const { client, emulator } = await openService({ dialect }, { uploadThresholdBytes: 0 });
    await client.submitFile(pdf(), { ...readOptions(EVERYTHING), ...readOptions(ADDED) });
    expect(emulator.jobs[0]?.options).toEqual(readOnlyJson(expected));
  });

  it.each(DIALECTS)("reach a service of %s by older names as by newer ones", async (dialect) => {
    const { client, emulator } = await openService({ dialect });
    await client.submitFile(pdf(), readOptions({ ...EVERYTHING, segment_filter: "table" }));
    await client.submitFile(pdf(), readOptions({ ...IN_MARCH, keep_segment_types: "table" }));
    const [newer, older] = emulator.jobs;
    expect(older?.options).toEqual(newer?.options);
    expect(Object.keys(newer?.options ?? {})).toContain(dialect === "2026-03" ? "ocr_mode" : "ocr_strategy");
  });

  it("name strategies as the service does, which a refusal shows once", async () => {
    const html = async (dialect: Dialect) => {
      const { client, emulator } = await openService({ dialect });
      for (const strategy of ["VLM", "LLM"] as const)
        await client.submitFile(pdf(), { segment_analysis: { Table: { html: strategy } } });
      const named = emulator.jobs.map(({ options }) => options["segment_analysis"]);
      return { named, statuses: emulator.requests.map(({ status }) => status) };
    };
    const vlm = { Table: { html: "VLM" } };
    const llm = { Table: { html: "LLM" } };
    expect(await html("2026-09")).toEqual({ named: [vlm, vlm], statuses: [200, 200] });
    expect(await html("2026-03")).toEqual({ named: [llm, llm], statuses: [400, 200, 200] });
  });

  it.each(DIALECTS)("of workbooks reach a service of %s as far as it knows them", async (dialect) => {
    const { client, emulator } = await openService({ dialect });
    await client.submitFile(pdf("book.xlsx"), { ...OF_WORKBOOKS, merge_tables: true });
    await client.submitFile(pdf(), { ...OF_WORKBOOKS, merge_tables: true });
    const own = dialect === "2026-03" ? { merge_tables: true } : OF_WORKBOOKS;
    expect(emulator.jobs.map(({ options }) => options)).toEqual([own, { merge_tables: true }]);
    expect(emulator.jobs.flatMap(({ unknownOptions }) => unknownOptions)).toEqual([]);
  });

  it("are text in the form, and objects are JSON", () => {
    const fields = toFormFields({
      page_range: "1-5",
      merge_tables: false,
      expires_in: 60,
      output_fields: { ocr: false },
      detect_checkboxes: undefined,
    });
    expect(fields).toEqual([
      ["page_range", "1-5"],
      ["merge_tables", "false"],
      ["expires_in", "60"],
      ["output_fields", '{"ocr":false}'],
    ]);
  });

  it("go by both names while nothing shows which the service knows", () => {
    const request = { ocr_strategy: "auto_detection", segment_filter: ["Table", "Text"] } as const;
    const options = currentNames(readOptions(request));
    expect(Object.fromEntries(toFormFields(options))).toEqual({
      ocr_strategy: "auto_detection",
      ocr_mode: "auto_ocr",
      segment_filter: "Table,Text",
      keep_segment_types: "Table,Text",
    });
    expect(Object.fromEntries(toFormFields(options, "parse", "2026-09"))).toEqual({
      ocr_strategy: "auto_detection",
      segment_filter: "Table,Text",
    });
    expect(toFormFields({ layout_analysis: "advanced_layout_detection" })).toEqual([
      ["layout_analysis", "advanced_layout_detection"],
    ]);
  });

  it("use the upload's own name for the handling of segments", () => {
    const analysis = { Table: { html: "VLM" } } as const;
    const processing = { Table: { html: "Auto" } } as const;
    expect(toUploadBody({ segment_analysis: analysis }, "a.pdf")).toEqual({
      file_name: "a.pdf",
      segment_processing: analysis,
    });
    expect(toUploadBody({ segment_analysis: analysis, segment_processing: processing }, "a.pdf")).toEqual({
      file_name: "a.pdf",
      segment_processing: processing,
    });
  });

  it("are refused when the service would not accept them", () => {
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

  it("accept the three forms of a page range", () => {
    for (const page_range of ["3", "1-5", "2,4,6", "[1,3,5]", "1-3, 7"])
      expect(readOptions({ page_range }).page_range).toBe(page_range);
  });
});

const readOptions = (options: unknown) => parseOptions(parseRequestSchema, options, "parse");
