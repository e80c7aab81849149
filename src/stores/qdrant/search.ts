import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import type { PointContent, SearchHit, SearchQuery, SinkCallOptions } from "../sink.js";
import type { CollectionState } from "./collection.js";
import type { QdrantConnection } from "./connection.js";
import { readAnswer } from "./errors.js";
import { PAYLOAD_LAYOUTS, type QdrantSettings } from "./options.js";
import { toQdrantFilter } from "./payload-fields.js";
import { bm25Document, hasWords, readPayload } from "./points.js";

/** First versions of the server that take the parameters of the fusion. */
const FUSION_K = "1.16.0";
const FUSION_WEIGHTS = "1.17.0";

const missing = (what: string, mode: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `search: ${what}: expected one for mode "${mode}", got nothing`);

/**
 * The fusion of the two lists of a hybrid search, dense first, as well as the server can do it: weights from 1.17,
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
 * A search in the words of `POST /collections/{c}/points/query`; `undefined` when nothing can be found. A question
 * without a word in it leaves the vector alone to a hybrid search.
 */
export const buildQuery = async (
  query: SearchQuery,
  textVector: string | undefined,
  state: CollectionState,
  connection: QdrantConnection,
  settings: QdrantSettings,
  options: SinkCallOptions,
): Promise<Schemas["QueryRequest"] | undefined> => {
  const { mode, k, text, vector } = query;
  const filter = toQdrantFilter(query.filter);
  const conditions = filter ? { filter } : {};
  const common = { limit: k, with_payload: true };
  const dense = () => {
    if (!vector) throw missing("vector", mode);
    return { query: [...vector], ...conditions };
  };
  if (mode === "dense") return { ...dense(), ...common };
  if (text === undefined) throw missing("text", mode);
  const words = {
    // The options of the writer, wherever they are recorded: other ones would look for other words.
    query: bm25Document(text, state.bm25 ?? settings.bm25),
    using: textVector ?? "",
    ...conditions,
  };
  if (mode === "text") return hasWords(text) ? { ...words, ...common } : undefined;
  if (!hasWords(text)) return { ...dense(), ...common };
  const limit = Math.max(settings.prefetch, k);
  return {
    prefetch: [
      { ...dense(), limit },
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

/** @throws UnsiloedError `STORE_REFUSED` when a point is not laid out as this package does it */
const toContent = (
  { id, payload: stored }: z.infer<typeof recordSchema>,
  { collection, payload }: QdrantSettings,
): PointContent => {
  const read = readPayload(stored ?? {}, [PAYLOAD_LAYOUTS[payload].text, ...TEXT_KEYS]);
  if (read) return { id, ...read };
  throw new UnsiloedError(
    "STORE_REFUSED",
    `point ${id} in collection "${collection}" has no text under ${TEXT_KEYS.join(" or ")} with metadata beside it: another program wrote it`,
  );
};

/** A scrolled point as `readPoints` gives it. */
export const toPointContent = (record: unknown, settings: QdrantSettings): PointContent =>
  toContent(readAnswer(recordSchema, record, "reading points"), settings);

/** @throws UnsiloedError `STORE_REFUSED` when a point is not laid out as this package does it */
export const readHits = (answer: unknown, settings: QdrantSettings): SearchHit[] =>
  readAnswer(hitsSchema, answer, "searching").points.map((record) => ({
    ...toContent(record, settings),
    score: record.score,
  }));
