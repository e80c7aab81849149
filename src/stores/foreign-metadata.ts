import { z } from "zod";
import { pointMetadataSchema } from "../documents/metadata.js";
import { isRecord } from "../internal/objects.js";
import type { PointMetadata } from "./sink.js";

const DOCUMENT_KEYS = ["doc_id", "ref_doc_id", "document_id", "source", "file_path", "file_name"];
const SOURCE_KEYS = ["source", "file_path", "file_name", "url"];

type Given = Readonly<Record<string, unknown>>;

/** Whether this package wrote the metadata, which have a version then. */
export const isPointMetadata = (metadata: Given): metadata is Given & PointMetadata =>
  typeof metadata["version"] === "string" &&
  metadata["version"] !== "" &&
  typeof metadata["doc_id"] === "string" &&
  Array.isArray(metadata["section_path"]) &&
  Array.isArray(metadata["boxes"]);

const firstText = (metadata: Given, keys: readonly string[]): string | undefined =>
  keys
    .map((key) => metadata[key])
    .find((value): value is string => typeof value === "string" && value !== "None");

const firstNumber = (values: readonly unknown[]): number | undefined =>
  values
    .map((value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value))
    .find((value): value is number => Number.isInteger(value));

/** The page, from 1. LangChain Python counts `page` from 0 and names it as printed in `page_label`. */
const pageOf = (metadata: Given): number => {
  const { loc, page_number, page_label, page, pageNumber } = metadata;
  const located = isRecord(loc) ? loc["pageNumber"] : undefined;
  const given = firstNumber([page_number, pageNumber, located, page_label]);
  if (given !== undefined) return given;
  const zeroBased = firstNumber([page]);
  return zeroBased === undefined ? 0 : zeroBased + 1;
};

const foreignSchema = pointMetadataSchema
  .extend({ loc: z.looseObject({ pageNumber: z.number().int() }) })
  .loose();

/**
 * Completes the metadata of a point that another program wrote, so that search, citations and retrievers can read it.
 * What it gives stays as it is, except under a name that has another meaning here. Its version is `""`, by which it is
 * known as not one of this package.
 *
 * @param id of the point, for one whose document is not named
 */
export const asPointMetadata = (metadata: Given, id: string): PointMetadata => {
  if (isPointMetadata(metadata)) return metadata;
  const doc_id = firstText(metadata, DOCUMENT_KEYS) ?? id;
  const pageNumber = pageOf(metadata);
  const known = {
    source: firstText(metadata, SOURCE_KEYS) ?? doc_id,
    doc_id,
    page_number: pageNumber,
    loc: { ...(isRecord(metadata["loc"]) && metadata["loc"]), pageNumber },
    version: "",
  };
  const assumed = {
    job_id: null,
    chunk_id: null,
    segment_id: null,
    segment_index: 0,
    segment_type: "Text",
    bbox: null,
    confidence: null,
    page_width: null,
    page_height: null,
    section_path: [],
    part_index: 0,
    part_count: 1,
    boxes: [],
    bbox_precision: "segment",
    ocr_confidence: null,
    segment_indices: [],
  };
  const parsed = foreignSchema.safeParse({ ...assumed, ...metadata, ...known });
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]));
  const fitting = Object.entries(metadata).filter(([name]) => !wrong.has(name));
  return foreignSchema.parse({ ...assumed, ...Object.fromEntries(fitting), ...known });
};
