import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { searchQuestion } from "../../internal/text/search-text.js";
import { withoutStopWords } from "../../internal/text/stop-words.js";
import type { PointContent, SearchHit, SearchQuery } from "../sink.js";
import { readAnswer } from "./errors.js";
import { PAYLOAD_LAYOUTS, type QdrantSettings } from "./options.js";
import { toQdrantFilter } from "./payload-fields.js";
import { bm25Document, hasWords, readPayload, searchTextOptions } from "./points.js";

/**
 * Builds the request for `POST /collections/{c}/points/query` from a checked query; `undefined` for words that are none.
 *
 * @param using name of the BM25 vector, for mode `text`
 */
export const buildQuery = (
  { mode, k, text = "", vector = [], filter }: SearchQuery,
  using: string | undefined,
  bm25: Readonly<Record<string, unknown>>,
): Schemas["QueryRequest"] | undefined => {
  const conditions = toQdrantFilter(filter);
  const common = { limit: k, with_payload: true, ...(conditions && { filter: conditions }) };
  if (mode === "dense") return { query: [...vector], ...common };
  // The server knows the stop words of one language, which need not be that of the question.
  const words = searchQuestion(withoutStopWords(text), searchTextOptions(bm25));
  return hasWords(words) ? { query: bm25Document(words, bm25), using: using ?? "", ...common } : undefined;
};

const recordSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  payload: z.record(z.string(), z.unknown()).nullish(),
});
const hitsSchema = z.looseObject({ points: z.array(recordSchema.extend({ score: z.number() })) });

const TEXT_KEYS = Object.values(PAYLOAD_LAYOUTS).map(({ text }) => text);

/** @throws UnsiloedError `STORE_REFUSED` for a point that another program wrote */
const toContent = (
  { id, payload: stored }: z.infer<typeof recordSchema>,
  { collection, payload }: QdrantSettings,
): PointContent => {
  const read = readPayload(stored ?? {}, [PAYLOAD_LAYOUTS[payload].text, ...TEXT_KEYS]);
  if (read) return { id, ...read };
  throw new UnsiloedError(
    "STORE_REFUSED",
    `point ${id} in collection "${collection}" has no text under ${TEXT_KEYS.join(" or ")} with metadata; another program wrote it: use another collection`,
  );
};

/** Reads a point for `readPoints`. */
export const toPointContent = (record: unknown, settings: QdrantSettings): PointContent =>
  toContent(readAnswer(recordSchema, record, "reading points"), settings);

/** @throws UnsiloedError `STORE_REFUSED` for a point that another program wrote */
export const readHits = (answer: unknown, settings: QdrantSettings): SearchHit[] =>
  readAnswer(hitsSchema, answer, "searching").points.map((record) => ({
    ...toContent(record, settings),
    score: record.score,
  }));
