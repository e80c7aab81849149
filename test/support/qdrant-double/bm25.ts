import type { z } from "zod";
import type { bm25OptionsSchema } from "./request-schemas.js";

export interface SparseVector {
  indices: number[];
  values: number[];
}

export type Bm25Options = z.infer<typeof bm25OptionsSchema>;

/** Function words of English, which the server removes from documents and questions by default. */
const STOP_WORDS = new Set(
  (
    "a about above after again against all am an and any are as at be because been before being below between both " +
    "but by can did do does doing down during each few for from further had has have having he her here hers him his " +
    "how i if in into is it its just me more most my no nor not now of off on once only or other our ours out over " +
    "own same she should so some such than that the their theirs them then there these they this those through to " +
    "too under until up very was we were what when where which while who whom why will with you your yours"
  ).split(" "),
);

/** A simple English stemmer: enough to match "reports" with "report" and "costing" with "costs". */
const stem = (word: string): string =>
  word.length <= 3 ? word : word.replace(/(?:sses|ies|ing|ed|es|s)$/, (end) => (end === "sses" ? "ss" : ""));

export const tokenize = (text: string, options: Bm25Options): string[] => {
  const folded = options.ascii_folding ? text.normalize("NFD").replace(/\p{M}/gu, "") : text;
  const words = (options.lowercase === false ? folded : folded.toLowerCase()).match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map(stem);
};

/** FNV-1a: a 32-bit index for a token. */
const tokenIndex = (token: string): number => {
  let hash = 0x811c9dc5;
  for (let position = 0; position < token.length; position++) {
    hash = Math.imul(hash ^ token.charCodeAt(position), 0x01000193);
  }
  return hash >>> 0;
};

const toSparse = (weights: ReadonlyMap<string, number>): SparseVector => {
  const byIndex = new Map<number, number>();
  for (const [token, weight] of weights) {
    const index = tokenIndex(token);
    byIndex.set(index, (byIndex.get(index) ?? 0) + weight);
  }
  return { indices: [...byIndex.keys()], values: [...byIndex.values()] };
};

/** The document side of BM25: saturated term frequency; the collection's IDF comes in at query time. */
export const embedDocument = (text: string, options: Bm25Options): SparseVector => {
  const { k = 1.2, b = 0.75, avg_len: averageLength = 256 } = options;
  const tokens = tokenize(text, options);
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  const norm = k * (1 - b + (b * tokens.length) / averageLength);
  return toSparse(
    new Map([...counts].map(([token, count]) => [token, (count * (k + 1)) / (count + norm)] as const)),
  );
};

/** The query side: each distinct token counts once. */
export const embedQuestion = (text: string, options: Bm25Options): SparseVector =>
  toSparse(new Map(tokenize(text, options).map((token) => [token, 1] as const)));

/** Weight of a term found in `holders` of `total` points. */
export const inverseDocumentFrequency = (holders: number, total: number): number =>
  Math.log(1 + (total - holders + 0.5) / (holders + 0.5));
