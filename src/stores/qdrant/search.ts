import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { searchQuestion } from "../../internal/text/search-text.js";
import type { PointContent, SearchHit, SearchQuery, SinkCallOptions } from "../sink.js";
import type { CollectionState } from "./collection.js";
import type { QdrantConnection } from "./connection.js";
import { readAnswer } from "./errors.js";
import { PAYLOAD_LAYOUTS, type QdrantSettings } from "./options.js";
import { toQdrantFilter } from "./payload-fields.js";
import { bm25Document, hasWords, readPayload, searchTextOptions } from "./points.js";

/** First server versions that accept the parameters of the fusion. */
const FUSION_K = "1.16.0";
const FUSION_WEIGHTS = "1.17.0";

/**
 * Returns the fusion of the two lists of a hybrid search, dense first, with what the server supports: weights from 1.17,
 * `k` from 1.16, else plain reciprocal rank fusion.
 */
const fusion = async (
  connection: QdrantConnection,
  { k, dense, text }: QdrantSettings["fusion"],
  options: SinkCallOptions,
): Promise<Schemas["Query"]> => {
  if (await connection.atLeast(FUSION_WEIGHTS, options)) return { rrf: { k, weights: [dense, text] } };
  if (await connection.atLeast(FUSION_K, options)) return { rrf: { k } };
  return { fusion: "rrf" };
};

/**
 * Builds the request for `POST /collections/{c}/points/query` from a checked query; `undefined` when it cannot find
 * anything. Hybrid search uses only the vector when the question has no words.
 */
export const buildQuery = async (
  query: SearchQuery,
  textVector: string | undefined,
  state: CollectionState,
  connection: QdrantConnection,
  settings: QdrantSettings,
  options: SinkCallOptions,
): Promise<Schemas["QueryRequest"] | undefined> => {
  const { mode, k, vector = [] } = query;
  // The recorded options of the writer, because others would search for other words.
  const bm25 = state.bm25 ?? settings.bm25;
  const text = searchQuestion(query.text ?? "", searchTextOptions(bm25));
  const filter = toQdrantFilter(query.filter);
  const conditions = filter ? { filter } : {};
  const common = { limit: k, with_payload: true };
  const dense = { query: [...vector], ...conditions };
  if (mode === "dense") return { ...dense, ...common };
  const words = {
    query: bm25Document(text, bm25),
    using: textVector ?? "",
    ...conditions,
  };
  if (mode === "text") return hasWords(text) ? { ...words, ...common } : undefined;
  if (!hasWords(text)) return { ...dense, ...common };
  const limit = Math.max(settings.prefetch, k);
  return {
    prefetch: [
      { ...dense, limit },
      { ...words, limit },
    ],
    query: await fusion(connection, settings.fusion, options),
    ...common,
  };
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
