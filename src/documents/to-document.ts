import { Document } from "@langchain/core/documents";
import type { DocumentMetadata, SegmentDocument } from "./metadata.js";
import { SectionPath } from "./sections/section-path.js";
import type { Segment } from "./segment.js";
import { normalizeSegmentType } from "./segment-type.js";
import { onlyTableHtml, segmentText, tableHtml } from "./text/segment-text.js";

export interface DocumentContext {
  source: string;
  docId: string;
  jobId: string | null;
  /** Keep the segment's picture URL or data URI in `metadata.image`. @default false */
  images?: boolean | undefined;
  /** Keep the word boxes in `metadata.ocr`. @default false */
  words?: boolean | undefined;
}

/** Turns the segments of one document into LangChain Documents, one each, in the order they are given. */
export class SegmentConverter {
  readonly #context: DocumentContext;
  readonly #sections = new SectionPath();
  #index = 0;

  constructor(context: DocumentContext) {
    this.#context = context;
  }

  convert(segment: Segment, chunkId: string | null): SegmentDocument {
    const { source, docId, jobId, images, words } = this.#context;
    const given = normalizeSegmentType(segment.segment_type);
    const drawn = given === "Text" ? onlyTableHtml(segment) : undefined;
    const type = drawn === undefined ? given : "Table";
    const pageContent = segmentText(segment, given);
    const html = given === "Table" ? tableHtml(segment) : drawn;
    const { merged_page_bboxes: pages, cell_references: cells } = segment;
    // Of a merged table, what its page says holds where the segment does not say it.
    const page = pages?.find(({ page_number }) => page_number === segment.page_number);
    const metadata: DocumentMetadata = {
      source,
      doc_id: docId,
      job_id: jobId,
      chunk_id: chunkId,
      segment_id: segment.segment_id ?? null,
      segment_index: this.#index++,
      segment_type: type,
      page_number: segment.page_number,
      bbox: segment.bbox ?? page?.bbox ?? null,
      confidence: segment.confidence ?? null,
      page_width: segment.page_width ?? page?.page_width ?? null,
      page_height: segment.page_height ?? page?.page_height ?? null,
      section_path: this.#sections.enter(segment, pageContent),
      loc: { pageNumber: segment.page_number },
    };
    // Added one by one, so that segments with the same keys have the same shape for V8.
    if (html !== undefined) metadata.html = html;
    if (pages && pages.length > 0) metadata.merged_page_bboxes = pages;
    if (cells && cells.length > 0) metadata.cell_references = cells;
    if (words && segment.ocr) metadata.ocr = segment.ocr;
    if (words && segment.packed_ocr) metadata.packed_ocr = segment.packed_ocr;
    if (images && segment.image) metadata.image = segment.image;
    if (segment.chart_data != null) metadata.chart_data = segment.chart_data;
    if (segment.references != null) metadata.references = segment.references;
    return new Document({ pageContent, metadata });
  }
}
