import { Document } from "@langchain/core/documents";
import type { DocumentMetadata, SegmentDocument, SplitDocument } from "../../../src/documents/metadata.js";
import type { Segment } from "../../../src/documents/segment.js";
import { SegmentConverter } from "../../../src/documents/to-document.js";

/** The seed of property tests; set SPLITTER_SEED for other data. */
export const SEED = Number(process.env["SPLITTER_SEED"] ?? Date.now() % 1_000_000);

export type Part = Partial<Segment> & Pick<Segment, "segment_type">;

/** Makes segments of one document like the loaders: one below the other unless a box is given. */
export const segmentsOf = (parts: readonly Part[], docId = "report.pdf"): SegmentDocument[] => {
  const converter = new SegmentConverter({ source: docId, docId, jobId: "job" });
  return parts.map((part, index) =>
    converter.convert(
      {
        segment_id: `s${index}`,
        page_number: 1,
        page_width: 1000,
        page_height: 1400,
        bbox: { left: 100, top: 50 + index * 40, width: 800, height: 30 },
        confidence: 0.9,
        ...part,
      },
      "chunk",
    ),
  );
};

export const text = (content: string, more: Partial<Segment> = {}): Part => ({
  segment_type: "Text",
  content,
  ...more,
});

export const heading = (markdown: string, more: Partial<Segment> = {}): Part => ({
  segment_type: "SectionHeader",
  markdown,
  ...more,
});

export const table = (html: string, more: Partial<Segment> = {}): Part => ({
  segment_type: "Table",
  html,
  content: "words of the table",
  ...more,
});

/** Makes a table with a column for each name and rows r0, r1, … */
export const rowsHtml = (
  names: readonly string[],
  rows: number,
  cell = (row: number, column: number) => `r${row}c${column}`,
) => {
  const body = Array.from(
    { length: rows },
    (_, row) => `<tr>${names.map((_name, column) => `<td>${cell(row, column)}</td>`).join("")}</tr>`,
  );
  return `<table><tr>${names.map((name) => `<th>${name}</th>`).join("")}</tr>${body.join("")}</table>`;
};

export const withMetadata = (
  document: SegmentDocument,
  metadata: Partial<DocumentMetadata>,
): SegmentDocument =>
  new Document({ pageContent: document.pageContent, metadata: { ...document.metadata, ...metadata } });

export const contents = (splits: readonly SplitDocument[]): string[] =>
  splits.map((split) => split.pageContent);

export const squeeze = (value: string): string => value.replace(/\s+/g, "");
