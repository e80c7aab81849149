import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { type SearchTextOptions, searchText } from "../../../internal/text/search-text.js";
import type { Point, StoredPoint } from "../../sink.js";
import { readAnswer } from "../http/errors.js";
import type { PayloadLayout } from "./layouts.js";

export const BM25_MODEL = "qdrant/bm25";

/** How points are laid out in a collection. */
export interface PointLayout {
  payload: PayloadLayout;
  /** Name of the dense vector; `""` for the unnamed one. */
  dense: string;
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
  payload: z
    .looseObject({
      metadata: z
        .looseObject({ version: z.string().min(1).optional(), part_index: z.number().optional() })
        .optional()
        .catch(undefined),
    })
    .nullish(),
  vector: z.union([z.array(z.number()), z.record(z.string(), z.unknown())]).nullish(),
});

const numbersSchema = z.array(z.number());

/**
 * Reads a point for `listPoints`; `undefined` for one that another program wrote.
 *
 * @param dense name of the dense vector
 */
export const toStoredPoint = (record: Schemas["Record"], dense: string): StoredPoint | undefined => {
  const { id, payload, vector } = readAnswer(storedSchema, record, "listing points");
  const { version, part_index } = payload?.metadata ?? {};
  if (version === undefined || part_index === undefined) return undefined;
  const numbers = numbersSchema.safeParse(Array.isArray(vector) ? vector : vector?.[dense]).data;
  return { id, version, ...(numbers && { vector: numbers }) };
};
