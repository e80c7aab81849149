import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
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

/** A point ready to be sent. */
export interface WirePoint {
  point: Schemas["PointStruct"];
  /** About how long it is as JSON. */
  bytes: number;
}

/** Whether a text holds anything BM25 can look for; of one without words there is no vector. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** A text for the server to make a BM25 vector of; documents and questions must be given alike. */
export const bm25Document = (
  text: string,
  options: Readonly<Record<string, unknown>>,
): Schemas["Document"] => ({
  text: wellFormed(text),
  model: BM25_MODEL,
  ...(Object.keys(options).length > 0 && { options }),
});

/** Half a surrogate pair is no character, and the server refuses the whole request for it. */
const wellFormed = (text: string): string =>
  /\p{Surrogate}/u.test(text) ? Buffer.from(text, "utf8").toString("utf8") : text;

/**
 * The number as float32, in the 9 digits that tell any float32 from its neighbours. The server keeps no more, and
 * it makes a request a third shorter.
 *
 * Components of unit vectors are rounded by arithmetic, which is several times faster than by way of a text: powers
 * of ten up to 1e22 are exact, so the quotient is the number that its 9 digits stand for.
 */
const toFloat32 = (value: number): number => {
  const float = Math.fround(value);
  const size = Math.abs(float);
  if (!(size < 1 && size > 1e-12)) return Number(float.toPrecision(9));
  let scale = 1e9;
  while (size * scale < 1e8) scale *= 10;
  return Math.round(float * scale) / scale;
};

/** Longest that {@link toFloat32} prints in practice, with the comma. */
const BYTES_PER_NUMBER = 14;

/** Escapes that `JSON.stringify` writes only for halves of surrogate pairs. */
const LONE_SURROGATE = /\\ud[89a-f]/i;

const reviveWellFormed = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? wellFormed(value) : value;

export const toWirePoint = (
  { id, vector, content, lexical, metadata }: Point,
  layout: PointLayout,
): WirePoint => {
  const { textKey, sparse, bm25 } = layout;
  const dense = Array.from(vector, toFloat32);
  const given = { [textKey]: content, metadata };
  const json = JSON.stringify(given);
  const payload: Record<string, unknown> = LONE_SURROGATE.test(json)
    ? JSON.parse(json, reviveWellFormed)
    : given;
  const text =
    sparse !== undefined && hasWords(lexical) ? { [sparse]: bm25Document(lexical, bm25) } : undefined;
  return {
    point: { id, vector: text ? { "": dense, ...text } : dense, payload },
    bytes:
      Buffer.byteLength(json) +
      Buffer.byteLength(JSON.stringify(lexical)) +
      dense.length * BYTES_PER_NUMBER +
      200,
  };
};

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
