import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { searchQuestion } from "../../internal/text/search-text.js";
import { withoutStopWords } from "../../internal/text/stop-words.js";
import type { PointContent, SearchHit, SearchQuery } from "../sink.js";
import { readAnswer } from "./http/errors.js";
import { bm25Document, hasWords, searchTextOptions } from "./points/points.js";
import { NODE, readPayload, TEXT_KEYS } from "./points/read-payload.js";

/** How a collection is searched. */
export interface SearchLayout {
  /** Name of the dense vector; `""` for the unnamed one. */
  dense: string;
  /** Name of the BM25 vector, for mode `text`. */
  sparse: string | undefined;
  bm25: Readonly<Record<string, unknown>>;
}

/**
 * Builds what a request for `POST /collections/{c}/points/query` asks, from a checked query, without limit and filter;
 * `undefined` for words that are none.
 */
export const buildQuery = (
  { mode, text = "", vector = [] }: SearchQuery,
  { dense, sparse, bm25 }: SearchLayout,
): Schemas["QueryRequest"] | undefined => {
  const common = { with_payload: true };
  if (mode === "dense") return { query: [...vector], ...(dense !== "" && { using: dense }), ...common };
  // The server knows the stop words of one language, which need not be that of the question.
  const words = searchQuestion(withoutStopWords(text), searchTextOptions(bm25));
  return hasWords(words) ? { query: bm25Document(words, bm25), using: sparse ?? "", ...common } : undefined;
};

const recordSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  payload: z.record(z.string(), z.unknown()).nullish(),
});
const answerSchema = z.looseObject({ points: z.array(recordSchema.extend({ score: z.number() })) });

type StoredRecord = z.infer<typeof recordSchema>;
/** A point of an answer to a search. */
export type ScoredRecord = StoredRecord & { score: number };

export const readAnswerPoints = (answer: unknown): ScoredRecord[] =>
  readAnswer(answerSchema, answer, "searching").points;

/** @throws UnsiloedError `STORE_REFUSED` for a point without a text */
const toContent = ({ id, payload }: StoredRecord, collection: string): PointContent => {
  const read = readPayload(id, payload ?? {});
  if (read) return read;
  const keys = [...TEXT_KEYS, NODE].join(", ");
  throw new UnsiloedError(
    "STORE_REFUSED",
    `point ${id} in collection "${collection}" has no text under any of ${keys}; another program wrote it: use another collection`,
  );
};

/** Reads a point for `readPoints`. */
export const toPointContent = (record: unknown, collection: string): PointContent =>
  toContent(readAnswer(recordSchema, record, "reading points"), collection);

/** @throws UnsiloedError `STORE_REFUSED` for a point without a text */
export const toHit = (record: ScoredRecord, collection: string): SearchHit => ({
  ...toContent(record, collection),
  score: record.score,
});
