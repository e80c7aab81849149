import { Document } from "@langchain/core/documents";
import { describe, expect, it } from "vitest";
import type { PageBox, SplitMetadata } from "../../src/documents/metadata.js";
import { citationsOf, formatCitations, formatLocation } from "../../src/retrieval/citations.js";

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

  it("keep the box of every line for highlighting", () => {
    expect(citationsOf([split(LINES)])[0]?.boxes).toEqual(LINES);
  });
});
