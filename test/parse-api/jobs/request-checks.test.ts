import { describe, expect, it } from "vitest";
import { stableJson } from "../../../src/internal/hashing.js";
import { currentNames, olderNames } from "../../../src/parse-api/jobs/request-names.js";
import { type ParseRequestOptions, parseRequestSchema } from "../../../src/parse-api/jobs/request-options.js";
import { errorOf, openService, pdf } from "../../support/parse-service.js";

/** What a client says of options before it submits a document. */
const notesOn = async (name: string, parse: ParseRequestOptions, uploadThresholdBytes = 100) => {
  const notes: string[] = [];
  const { client, emulator } = await openService(
    { dialect: "2026-09" },
    { uploadThresholdBytes, onWarning: (note) => notes.push(`${note} (${emulator.requests.length} sent)`) },
  );
  await client.submitFile(pdf(name), parse);
  return notes;
};

describe("what a client says of options before anything is paid for", () => {
  it.each<[string, ParseRequestOptions, string]>([
    ["a.pdf", { ocr_mode: "auto_ocr" }, "ocr_mode is an older name: it is sent as ocr_strategy too"],
    [
      "a.pdf",
      { segmentation_method: "page_by_page", layout_analysis: "page_by_page" },
      "segmentation_method is ignored, because layout_analysis, its newer name, is given too",
    ],
    [
      "a.pdf",
      { segment_analysis: { Table: { markdown: "LLM" } } },
      '"LLM" is an older name of the strategy "VLM"',
    ],
    [
      "a.pdf",
      { exclude_hidden: true, table_clustering: "off" },
      "exclude_hidden, table_clustering: for workbooks (.xls, .xlsx) only, without effect on other documents",
    ],
    ["a.xlsx", { merge_tables: true }, "merge_tables: without effect on workbooks (.xls, .xlsx)"],
    ["a.pdf", { expires_in: 60 }, "expires_in: without effect on what is not uploaded"],
    ["a.xlsx", { expires_in: 60 }, "expires_in: without effect on what is not uploaded"],
    ["a.pdf", { pii_engine: "advanced" }, "without effect unless detect_pii is true"],
    ["a.pdf", { response_profile: "slim" }, 'response_profile: "slim" leaves out content, images, words'],
  ])("%s %j", async (name, parse, expected) => {
    expect(await notesOn(name, parse)).toEqual([expect.stringContaining(expected)]);
    expect((await notesOn(name, parse))[0]).toContain("(0 sent)");
  });

  it("a workbook above the threshold may be parsed without its options", async () => {
    expect(await notesOn("a.xlsx", { exclude_hidden: true }, 0)).toEqual([
      expect.stringContaining("exclude_hidden: the upload of large workbooks is not known to take it"),
    ]);
  });

  it.each<[string, ParseRequestOptions, number]>([
    ["a.pdf", { merge_tables: true, ocr_strategy: "force_ocr", segment_filter: "all" }, 100],
    ["a.pdf", { detect_pii: true, pii_block_severity: "high", response_profile: "full" }, 100],
    ["a.xlsx", { exclude_hidden: true, output_fields: { ocr: false } }, 100],
    ["a.pdf", { expires_in: 60, segment_analysis: { Table: { html: "VLM" } } }, 0],
  ])("nothing where all is well: %s %j", async (name, parse, threshold) => {
    expect(await notesOn(name, parse, threshold)).toEqual([]);
  });

  it("are reported once for several documents", async () => {
    const notes: string[] = [];
    const { client } = await openService({}, { onWarning: (note) => notes.push(note) });
    for (const name of ["a.pdf", "b.pdf", "c.xlsx", "d.pdf"])
      await client.submitFile(pdf(name), { ocr_mode: "force_ocr" });
    expect(notes).toEqual([
      "ocr_mode is an older name: it is sent as ocr_strategy too",
      "ocr_strategy: without effect on workbooks (.xls, .xlsx)",
    ]);
  });
});

describe("options that are refused", () => {
  it("because an upload would give the whole document", async () => {
    for (const option of ["segment_filter", "keep_segment_types"] as const) {
      const { client, emulator } = await openService({}, { uploadThresholdBytes: 0 });
      const error = await errorOf(client.submitFile(pdf(), { [option]: ["Table"] }));
      expect(error).toMatchObject({ code: "INVALID_OPTION", context: { source: "report.pdf" } });
      expect(error.message).toContain("segment_filter: the upload does not take it");
      expect(emulator.requests).toHaveLength(0);
    }
  });

  it("with no threshold to raise for a type that is always uploaded", async () => {
    const { client, emulator } = await openService();
    const error = await errorOf(client.submitFile(pdf("photo.webp"), { segment_filter: ["Table"] }));
    expect(error.message).toContain("leave it out for files of this type, which are always uploaded");
    expect(error.message).not.toContain("uploadThresholdBytes");
    expect(emulator.requests).toHaveLength(0);
  });

  it("because nothing looks for personal data in workbooks", async () => {
    const { client, emulator } = await openService();
    for (const submission of [
      client.submitFile(pdf("book.xlsx"), { detect_pii: true }),
      client.submitUrl("https://example.com/book.xls", { detect_pii: true }),
    ])
      expect((await errorOf(submission)).message).toContain("workbooks are not checked for personal data");
    expect(emulator.requests).toHaveLength(0);
  });
});

describe("names of options", () => {
  const older = (options: ParseRequestOptions) => olderNames(currentNames(parseRequestSchema.parse(options)));

  it.each<[ParseRequestOptions, ParseRequestOptions]>([
    [{ ocr_mode: "auto_ocr" }, { ocr_strategy: "auto_detection" }],
    [{ ocr_mode: "force_ocr" }, { ocr_strategy: "force_ocr" }],
    [{ segmentation_method: "page_by_page" }, { layout_analysis: "page_by_page" }],
    [{ keep_segment_types: ["Table"] }, { segment_filter: ["Table"] }],
    [
      {
        segment_analysis: { Table: { html: "LLM", llm: "LLM" } },
        segment_processing: { Text: { markdown: "LLM" } },
      },
      {
        segment_analysis: { Table: { html: "VLM", llm: "LLM" } },
        segment_processing: { Text: { markdown: "VLM" } },
      },
    ],
  ])("%j and %j are the same, and are hashed by the older ones", (given, renamed) => {
    expect(stableJson(older(given))).toBe(stableJson(given));
    expect(stableJson(older(renamed))).toBe(stableJson(given));
  });

  it("that have no older one stay", () => {
    for (const options of [
      { layout_analysis: "advanced_layout_detection" },
      { agentic_ocr: "standard" },
    ] as const)
      expect(stableJson(older(options))).toBe(stableJson(options));
  });
});
