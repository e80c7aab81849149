import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { type SearchTextOptions, searchText } from "../../internal/text/search-text.js";
import { wellFormedJson } from "../../internal/text/well-formed.js";
import type { Point, PointMetadata, StoredPoint } from "../sink.js";
import { readAnswer } from "./errors.js";

export const BM25_MODEL = "qdrant/bm25";

/** How points are laid out in a collection. */
export interface PointLayout {
  /** Payload key of the text. */
  textKey: string;
  /** Name of the BM25 vector, if there is one. */
  sparse: string | undefined;
  bm25: Readonly<Record<string, unknown>>;
}

/** Whether a text has words. Without words there is no BM25 vector. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** Tells how the words of a collection are normalised: case is kept where its BM25 tells it apart. */
export const searchTextOptions = ({ lowercase }: Readonly<Record<string, unknown>>): SearchTextOptions => ({
  keepsCase: lowercase === false,
});

/** Returns a text of which the server computes a BM25 vector. Documents and questions must have the same options. */
export const bm25Document = (
  text: string,
  options: Readonly<Record<string, unknown>>,
): Schemas["Document"] => ({
  text: text.toWellFormed(),
  model: BM25_MODEL,
  ...(Object.keys(options).length > 0 && { options }),
});

/** Returns the payload of a point as JSON. */
export const payloadJson = ({ content, metadata }: Point, { textKey }: PointLayout): string =>
  wellFormedJson(JSON.stringify({ [textKey]: content, metadata }));

/** Returns the name and the BM25 vector of a point as a JSON property; `undefined` when it has none. */
export const sparseJson = (point: Point, { sparse, bm25 }: PointLayout): string | undefined => {
  if (sparse === undefined) return undefined;
  const words = searchText(point.lexical, searchTextOptions(bm25));
  return hasWords(words)
    ? `${JSON.stringify(sparse)}:${JSON.stringify(bm25Document(words, bm25))}`
    : undefined;
};

const storedSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  payload: z.looseObject({ metadata: z.looseObject({ version: z.string().catch("") }) }).nullish(),
  vector: z.union([z.array(z.number()), z.looseObject({ "": z.array(z.number()).optional() })]).nullish(),
});

/** Reads a point for `listPoints`. A point that another program wrote has the version `""`. */
export const toStoredPoint = (record: Schemas["Record"]): StoredPoint => {
  const { id, payload, vector } = readAnswer(storedSchema, record, "listing points");
  const dense = Array.isArray(vector) ? vector : vector?.[""];
  return { id, version: payload?.metadata.version ?? "", ...(dense && { vector: dense }) };
};

const isMetadata = (value: unknown): value is PointMetadata => typeof value === "object" && value !== null;

/** Reads text and metadata of a payload, with the text under any of the keys. */
export const readPayload = (
  payload: Readonly<Record<string, unknown>>,
  textKeys: readonly string[],
): { content: string; metadata: PointMetadata } | undefined => {
  const content = textKeys.map((key) => payload[key]).find((value) => typeof value === "string");
  const { metadata } = payload;
  return typeof content === "string" && isMetadata(metadata) ? { content, metadata } : undefined;
};
