import { embeddingText } from "../../documents/embedding-text.js";
import { DEFAULT_CHUNK_SIZE } from "../../splitters/options.js";
import { TableReader } from "../../splitters/tables/reading/table-reader.js";
import type { DocumentReport, ReportEntry, ReportKind, SegmentView } from "../contract.js";
import type { InspectedDocument } from "./inspected-document.js";
import type { OpenedDocument } from "./open-document.js";
import { preview } from "./preview.js";

/** From which share of the budget a split counts as full. */
const FULL = 0.95;

const segmentEntry = (view: SegmentView, page: number, reason: string): ReportEntry => ({
  page,
  segment: view.index,
  split: null,
  type: view.type,
  reason,
  text: view.text,
});

const leftOut = ({ outcome }: SegmentView): string | null =>
  outcome.kind === "left_out" ? outcome.reason : null;

/**
 * Lists the splits of nearly the most tokens. The ledger does not say what the most was: it is the default where the
 * longest split keeps to it, else the length of the longest.
 */
const fullSplits = async (document: InspectedDocument): Promise<ReportEntry[]> => {
  const { countTokens } = await import("../../internal/text/tokens.js");
  const counted = document.splits.map((split) => {
    const { content: pageContent, metadata } = split;
    return { split, tokens: countTokens(embeddingText({ pageContent, metadata })) };
  });
  const longest = counted.reduce((most, { tokens }) => Math.max(most, tokens), 0);
  const budget = Math.max(longest, DEFAULT_CHUNK_SIZE);
  return counted
    .filter(({ tokens }) => tokens >= budget * FULL)
    .map(({ split, tokens }) => ({
      page: split.metadata.page_number,
      segment: null,
      split: split.id,
      type: split.metadata.segment_type,
      reason: `${tokens} of ${budget} tokens`,
      text: preview(split.content),
    }));
};

const assumedHeaders = (document: InspectedDocument): ReportEntry[] => {
  const documents = document.segments.map((segment) => segment.document);
  const tables = new TableReader(documents);
  return documents.flatMap((segment, index) =>
    tables.tablesOf(segment).tables.some(({ model }) => model.evidence === "assumed")
      ? [segmentEntry(document.viewOf(index), segment.metadata.page_number, "assumed_header")]
      : [],
  );
};

/** What is seen in the parse result, and not in what is stored. */
const OF_RESULT: ReadonlySet<ReportKind> = new Set(["left_out", "flagged", "no_text", "assumed_header"]);

/** Lists what in a document deserves a look, each with its place. */
export const reportOn = async ({ document, result }: OpenedDocument): Promise<DocumentReport> => {
  const views = document.segments.map(({ document: { pageContent, metadata } }, index) => ({
    view: document.viewOf(index),
    page: metadata.page_number,
    isBlank: pageContent.trim() === "",
  }));
  const bySegment = (reasonOf: (one: (typeof views)[number]) => string | null): ReportEntry[] =>
    views.flatMap((one) => {
      const reason = reasonOf(one);
      return reason === null ? [] : [segmentEntry(one.view, one.page, reason)];
    });
  const groups: Record<ReportKind, ReportEntry[]> = {
    left_out: bySegment(({ view }) => leftOut(view)),
    flagged: bySegment(({ view }) => view.flag),
    no_text: bySegment(({ isBlank }) => (isBlank ? "no_text" : null)),
    assumed_header: assumedHeaders(document),
    at_budget: await fullSplits(document),
    approximate: document.splits
      .filter(({ metadata }) => metadata.bbox_precision === "segment")
      .map(({ id, content, metadata }) => ({
        page: metadata.page_number,
        segment: null,
        split: id,
        type: metadata.segment_type,
        reason: metadata.boxes.every(({ bbox }) => bbox === null) ? "no_box" : "approximate",
        text: preview(content),
      })),
  };
  const kinds: ReportKind[] = [
    "left_out",
    "flagged",
    "no_text",
    "assumed_header",
    "at_budget",
    "approximate",
  ];
  return {
    doc: document.record.doc_id,
    groups: kinds.map((kind) => ({
      kind,
      // What the store does not hold is in the parse result only.
      entries: result.kept || !OF_RESULT.has(kind) ? groups[kind] : null,
    })),
    note: result.kept ? null : result.note,
    counts: document.record.segments,
  };
};
