import { Document } from "@langchain/core/documents";
import { describe, expect, it } from "vitest";
import type { PageBox, SplitMetadata } from "../../src/documents/metadata.js";
import {
  citationsOf,
  formatCitations,
  formatContext,
  formatLocation,
} from "../../src/retrieval/citations.js";

const line = (page_number: number, left: number, top: number, width: number): PageBox => ({
  page_number,
  bbox: { left, top, width, height: 20.4 },
});

const split = (boxes: PageBox[]): Document<SplitMetadata> =>
  new Document({
    pageContent: "text",
    metadata: {
      source: "report.pdf",
      doc_id: "report.pdf",
      job_id: null,
      chunk_id: null,
      segment_id: null,
      segment_index: 0,
      segment_type: "Text",
      page_number: 3,
      bbox: null,
      confidence: 0.9,
      page_width: null,
      page_height: null,
      section_path: ["Results"],
      loc: { pageNumber: 3 },
      part_index: 0,
      part_count: 1,
      boxes,
      bbox_precision: "word",
      ocr_confidence: null,
      segment_indices: [0],
    },
  });

const named = (source: string, doc_id: string, title?: string): Document<SplitMetadata> => {
  const document = split([]);
  return new Document({
    pageContent: "text",
    metadata: { ...document.metadata, source, doc_id, ...(title !== undefined && { title }) },
  });
};

const LINES = [line(3, 400, 100, 300), line(3, 110, 130, 590), line(4, 110, 50, 80.6)];

describe("citations", () => {
  it("are printed with one box a page around all its lines", () => {
    expect(formatLocation(split(LINES))).toBe(
      "report.pdf, page 3, box [110, 100, 590, 50]; page 4, box [110, 50, 81, 20] › Results",
    );
    expect(formatCitations([split(LINES), split([])]).split("\n")).toEqual([
      "[1] report.pdf, page 3, box [110, 100, 590, 50]; page 4, box [110, 50, 81, 20] › Results",
      "[2] report.pdf, page 3 › Results",
    ]);
  });

  it("say that no box is known", () => {
    expect(formatLocation(split([{ page_number: 3, bbox: null }]))).toBe(
      "report.pdf, page 3, box unknown › Results",
    );
  });

  it("name sheet and cells of a workbook instead of pages", () => {
    const document = split([{ page_number: 3, bbox: null }]);
    const cell_references = [{ sheet: "Q1 2025", address: "A1:D20", ref: null }];
    const fromWorkbook = {
      ...document,
      metadata: { ...document.metadata, source: "book.xlsx", cell_references },
    };
    expect(formatLocation(fromWorkbook)).toBe("book.xlsx, sheet Q1 2025, cells A1:D20 › Results");
    expect(citationsOf([fromWorkbook])[0]).toMatchObject({ cell_references });
    expect(citationsOf([document])[0]).not.toHaveProperty("cell_references");
  });

  it.each([
    ["scan-17.pdf", "Annual Report 2025", "Annual Report 2025 (scan-17.pdf), page 3 › Results"],
    ["annual_report-2025.pdf", "Annual Report 2025", "annual_report-2025.pdf, page 3 › Results"],
    ["scan-17.pdf", "RESULTS", "scan-17.pdf, page 3 › Results"],
  ])("show of %s the title %s where nothing else says it", (source, title, expected) => {
    const document = named(source, source, title);
    expect(formatLocation(document)).toBe(expected);
    expect(citationsOf([document])[0]).toMatchObject({ title, doc_id: source });
  });

  it.each([
    ["/home/alice/secret/report.pdf", "q3/report.pdf", "q3/report.pdf"],
    ["/home/alice/secret/report.pdf", "contract-42", "report.pdf"],
    ["/home/alice/secret/report.pdf", "../secret/report.pdf", "report.pdf"],
    ["C:\\Users\\alice\\report.pdf", "C:/Users/alice/report.pdf", "report.pdf"],
    ["\\\\server\\share\\report.pdf", "report.pdf", "report.pdf"],
    ["../alice/report.pdf", "../alice/report.pdf", "report.pdf"],
    ["~/reports/report.pdf", "report.pdf", "report.pdf"],
    ["file:///home/alice/report.pdf", "report.pdf", "report.pdf"],
    ["reports/q3/report.pdf", "contract-42", "reports/q3/report.pdf"],
    [
      "https://alice:pw@example.com/a/report.pdf?X-Amz-Signature=abc#page=3",
      "https://example.com/a/report.pdf",
      "https://example.com/a/report.pdf",
    ],
    ["job:3f2a", "job:3f2a", "job:3f2a"],
    ["two\nlines.pdf", "two\nlines.pdf", "two lines.pdf"],
  ])("shorten %s of document %s", (source, docId, expected) => {
    const document = named(source, docId);
    expect(formatLocation(document)).toBe(`${expected}, page 3 › Results`);
    expect(citationsOf([document])[0]?.source).toBe(expected);
    expect(formatContext([document])).toBe(`[1] (${expected}, page 3 › Results)\ntext`);
  });

  it("keep the box of every line for highlighting", () => {
    expect(citationsOf([split(LINES)])[0]?.boxes).toEqual(LINES);
  });
});
