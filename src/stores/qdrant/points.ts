import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { wellFormedJson } from "../../internal/text/well-formed.js";
import type { Point, PointMetadata, StoredPoint } from "../sink.js";
import { readAnswer } from "./errors.js";

export const BM25_MODEL = "qdrant/bm25";

/** How points of a collection are written. */
export interface PointLayout {
  /** Payload key of the text. */
  textKey: string;
  /** BM25 vector, if there is one. */
  sparse: string | undefined;
  bm25: Readonly<Record<string, unknown>>;
}

/** Whether a text holds anything BM25 can look for; of one without words there is no vector. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** A text for the server to make a BM25 vector of; documents and questions must be given alike. */
export const bm25Document = (
  text: string,
  options: Readonly<Record<string, unknown>>,
): Schemas["Document"] => ({
  text: text.toWellFormed(),
  model: BM25_MODEL,
  ...(Object.keys(options).length > 0 && { options }),
});

/** What readers of a point get, as JSON. */
export const payloadJson = ({ content, metadata }: Point, { textKey }: PointLayout): string =>
  wellFormedJson(JSON.stringify({ [textKey]: content, metadata }));

/** The BM25 vector of a point beside its name, as JSON; `undefined` when it has none. */
export const sparseJson = ({ lexical }: Point, { sparse, bm25 }: PointLayout): string | undefined =>
  sparse !== undefined && hasWords(lexical)
    ? `${JSON.stringify(sparse)}:${JSON.stringify(bm25Document(lexical, bm25))}`
    : undefined;

const storedSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  payload: z.looseObject({ metadata: z.looseObject({ version: z.string().catch("") }) }).nullish(),
  vector: z.union([z.array(z.number()), z.looseObject({ "": z.array(z.number()).optional() })]).nullish(),
});

/** A point as `listPoints` gives it; a point that another program wrote has the version `""`. */
export const toStoredPoint = (record: Schemas["Record"]): StoredPoint => {
  const { id, payload, vector } = readAnswer(storedSchema, record, "listing points");
  const dense = Array.isArray(vector) ? vector : vector?.[""];
  return { id, version: payload?.metadata.version ?? "", ...(dense && { vector: dense }) };
};

const isMetadata = (value: unknown): value is PointMetadata => typeof value === "object" && value !== null;

/** Text and metadata of a payload; the other layout's text key is read too. */
export const readPayload = (
  payload: Readonly<Record<string, unknown>>,
  textKeys: readonly string[],
): { content: string; metadata: PointMetadata } | undefined => {
  const content = textKeys.map((key) => payload[key]).find((value) => typeof value === "string");
  const { metadata } = payload;
  return typeof content === "string" && isMetadata(metadata) ? { content, metadata } : undefined;
};
