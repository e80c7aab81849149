import type { Schemas } from "@qdrant/js-client-rest";
import { batches } from "../../../internal/batching.js";
import type { SearchFilter } from "../../filter.js";

/** Payload key of the metadata. LangChain reads the same key. */
const METADATA = "metadata";

/** Returns the payload key of a field of the metadata. */
export const metadataField = (name: string): string => `${METADATA}.${name}`;

export const DOC_ID = metadataField("doc_id");
export const VERSION = metadataField("version");
/** Every split of this package has it, and hardly anything else. */
export const PART_INDEX = metadataField("part_index");
const SEGMENT_TYPE = metadataField("segment_type");
const SEGMENT_ID = metadataField("segment_id");
const SEGMENT_INDICES = metadataField("segment_indices");
const SECTION_PATH = metadataField("section_path");
const CONFIDENCE = metadataField("confidence");
const PAGE_NUMBER = metadataField("page_number");
/** The pages of all boxes of a split. */
const BOX_PAGES = metadataField("boxes[].page_number");

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

/** The payload indexes of each profile; `docs/stores.md` says which call needs which. */
export const INDEX_PROFILES = {
  /** Every field of filters. */
  all: Object.keys(PAYLOAD_INDEXES),
  /** What ingestion needs, and what retrieval needs to expand hits. */
  expansion: [DOC_ID, VERSION, SEGMENT_ID, SEGMENT_INDICES, SECTION_PATH],
  /** What ingestion needs. */
  ingestion: [DOC_ID, VERSION],
} as const satisfies Record<string, readonly string[]>;

export type IndexProfile = keyof typeof INDEX_PROFILES;

export const INDEX_PROFILE_NAMES = ["all", "expansion", "ingestion"] as const satisfies IndexProfile[];

export type QdrantFilter = Schemas["Filter"];

/**
 * A condition that a field has one of some values. Strict mode may limit the values of one condition, so a longer list
 * becomes several conditions of which one is enough.
 */
const anyOf = (key: string, values: readonly string[], most: number): Schemas["Condition"] => {
  const [value] = values;
  if (values.length === 1 && value !== undefined) return { key, match: { value } };
  if (values.length <= most) return { key, match: { any: [...values] } };
  const conditions = [...batches(values, { maxCount: Math.max(1, most) })].map((some) =>
    anyOf(key, some, some.length),
  );
  return { should: conditions };
};

/**
 * Converts a filter into one of Qdrant; `undefined` when it has no condition.
 *
 * @param mostValues how many values one condition may have
 */
export const toQdrantFilter = (
  filter: SearchFilter | undefined,
  mostValues = Number.POSITIVE_INFINITY,
): QdrantFilter | undefined => {
  const { docIds, segmentTypes, pages, sections, segments, segmentIds, minConfidence, version, all } =
    filter ?? {};
  const must: Schemas["Condition"][] = [];
  if (docIds) must.push(anyOf(DOC_ID, docIds, mostValues));
  if (segmentTypes) must.push(anyOf(SEGMENT_TYPE, segmentTypes, mostValues));
  if (sections) must.push(anyOf(SECTION_PATH, sections, mostValues));
  if (segmentIds) must.push(anyOf(SEGMENT_ID, segmentIds, mostValues));
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
  for (const further of all ?? []) must.push(toQdrantFilter(further, mostValues) ?? { must: [] });
  return must.length === 0 ? undefined : { must };
};

/**
 * The filter of points that this package wrote: those with a version. Other programs may write into the same collection.
 *
 * @param filter one of {@link toQdrantFilter}
 */
export const ownPoints = (filter: QdrantFilter | undefined): QdrantFilter => ({
  ...filter,
  must_not: [{ is_empty: { key: VERSION } }],
});

/**
 * The filter of points that this package wrote of some documents.
 *
 * @param versions in which versions; in any when there are none
 */
export const documentsFilter = (
  docIds: readonly string[],
  versions: readonly string[],
  mostValues: number,
): QdrantFilter => {
  const documents = anyOf(DOC_ID, docIds, mostValues);
  // A version is a hash that no other program writes.
  return versions.length > 0
    ? { must: [documents, anyOf(VERSION, versions, mostValues)] }
    : ownPoints({ must: [documents] });
};

/** The most ids that a filter names: each page of a listing is asked for with all of them. */
const MOST_IDS = 1000;

/** Narrows a filter to points of some ids, as long as one condition may name them. */
export const onlyIds = (
  filter: QdrantFilter | undefined,
  ids: readonly string[] | undefined,
  mostValues: number,
): QdrantFilter | undefined => {
  if (!ids || ids.length > Math.min(MOST_IDS, mostValues)) return filter;
  return { must: [...(filter ? [filter] : []), { has_id: [...ids] }] };
};
