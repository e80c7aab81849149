import type { Schemas } from "@qdrant/js-client-rest";
import type { SearchFilter } from "../filter.js";

/** Payload key of the metadata. LangChain reads the same key. */
const METADATA = "metadata";

const field = (name: string): string => `${METADATA}.${name}`;

export const DOC_ID = field("doc_id");
export const VERSION = field("version");
const SEGMENT_TYPE = field("segment_type");
const SEGMENT_ID = field("segment_id");
const SEGMENT_INDICES = field("segment_indices");
const SECTION_PATH = field("section_path");
const CONFIDENCE = field("confidence");
const PAGE_NUMBER = field("page_number");
/** The pages of all boxes of a split. */
const BOX_PAGES = field("boxes[].page_number");

/**
 * The payload indexes, created before the first point. They include all fields of filters, because strict mode, which
 * Qdrant Cloud enables, refuses filters on fields without an index.
 */
export const PAYLOAD_INDEXES: Readonly<Record<string, "keyword" | "integer" | "float">> = {
  [DOC_ID]: "keyword",
  [VERSION]: "keyword",
  [SEGMENT_TYPE]: "keyword",
  [SEGMENT_ID]: "keyword",
  [SECTION_PATH]: "keyword",
  [PAGE_NUMBER]: "integer",
  [BOX_PAGES]: "integer",
  [SEGMENT_INDICES]: "integer",
  [CONFIDENCE]: "float",
};

export type QdrantFilter = Schemas["Filter"];

/** Converts a filter into one of Qdrant; `undefined` when it has no condition. */
export const toQdrantFilter = (filter: SearchFilter | undefined): QdrantFilter | undefined => {
  const { docIds, segmentTypes, pages, sections, segments, segmentIds, minConfidence, version } =
    filter ?? {};
  const must: Schemas["Condition"][] = [];
  if (docIds) must.push({ key: DOC_ID, match: { any: docIds } });
  if (segmentTypes) must.push({ key: SEGMENT_TYPE, match: { any: segmentTypes } });
  if (sections) must.push({ key: SECTION_PATH, match: { any: sections } });
  if (segmentIds) must.push({ key: SEGMENT_ID, match: { any: segmentIds } });
  if (segments) must.push({ key: SEGMENT_INDICES, range: { gte: segments.from, lte: segments.to } });
  if (version !== undefined) must.push({ key: VERSION, match: { value: version } });
  if (minConfidence !== undefined) must.push({ key: CONFIDENCE, range: { gte: minConfidence } });
  if (pages) {
    const range = { gte: pages.from, lte: pages.to };
    must.push({
      should: [
        { key: PAGE_NUMBER, range },
        { key: BOX_PAGES, range },
      ],
    });
  }
  return must.length === 0 ? undefined : { must };
};
