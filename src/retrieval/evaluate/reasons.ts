import type { SearchFilter } from "../../stores/filter.js";
import type { SinkCallOptions, VectorSink } from "../../stores/sink.js";
import type { Evidence } from "./evidence.js";
import { DEPTH, type Way } from "./find-ways.js";
import type { ParsedQuestion } from "./questions.js";

/** The rank of the first hit with the evidence, from 1; `null` when it is not among the first 50. */
export type Ranks = Partial<Record<Way, number | null>>;

/** Why a question fails. `low-together`: dense and text search each find it, but hybrid search ranks it low. */
export type FailureReason =
  | "document-not-stored"
  | "page-not-stored"
  | "answer-not-stored"
  | "low-by-words"
  | "low-by-meaning"
  | "low-by-both"
  | "low-together";

/** A hit below this rank is not shown to readers by default. */
export const SHOWN = 5;

/** How many stored texts have the evidence of a question, or part of it. */
export interface StoredEvidence {
  document: number;
  page: number;
  all: number;
}

/**
 * Counts the stored texts with the evidence of questions, in one pass over the collection.
 *
 * @returns the counts in the order of the questions; `undefined` when the store cannot list its points
 */
export const countStored = async (
  sink: VectorSink,
  evidence: readonly Evidence[],
  filter: SearchFilter | undefined,
  options: SinkCallOptions,
): Promise<StoredEvidence[] | undefined> => {
  if (sink.canList === false) return undefined;
  const counts = evidence.map((): StoredEvidence => ({ document: 0, page: 0, all: 0 }));
  if (counts.length === 0) return counts;
  for await (const point of sink.readPoints(filter ?? {}, options)) {
    for (const [index, stored] of counts.entries()) {
      const asked = evidence[index];
      if (!asked?.isOfDocument(point)) continue;
      stored.document += 1;
      if (!asked.isOfPage(point)) continue;
      stored.page += 1;
      if (asked.isIn(point)) stored.all += 1;
    }
  }
  return counts;
};

const isLow = (rank: number | null | undefined): boolean => rank === null || (rank ?? 0) > SHOWN;

/** Returns why a question fails, as far as the ranks and the store tell. */
export const reasonOf = (ranks: Ranks, stored: StoredEvidence | undefined): FailureReason => {
  if (stored?.document === 0) return "document-not-stored";
  if (stored?.page === 0) return "page-not-stored";
  if (stored?.all === 0) return "answer-not-stored";
  const [words, meaning] = [isLow(ranks.text), isLow(ranks.dense)];
  if (words && meaning) return "low-by-both";
  if (words) return "low-by-words";
  return meaning ? "low-by-meaning" : "low-together";
};

const rankText = (rank: number | null | undefined): string =>
  typeof rank === "number" ? `rank ${rank}` : `not in the first ${DEPTH}`;

/** Says in a sentence why a question fails. */
export const explain = (
  reason: FailureReason,
  { answer, document, page }: ParsedQuestion,
  ranks: Ranks,
): string => {
  const where = [
    ...(document === undefined ? [] : [`in document "${document}"`]),
    ...(page === undefined ? [] : [`on page ${[page].flat().join(" or ")}`]),
  ].join(", ");
  const place = where === "" ? "" : ` ${where}`;
  const found = Object.entries({
    "by words": ranks.text,
    "by meaning": ranks.dense,
    "in hybrid search": ranks.hybrid,
  })
    .filter(([, rank]) => rank !== undefined)
    .map(([way, rank]) => `${way}: ${rankText(rank)}`)
    .join("; ");
  switch (reason) {
    case "document-not-stored":
      return `not stored: ${document === undefined ? "no text at all" : `no text of document "${document}"`}`;
    case "page-not-stored":
      return `not stored: no text${place}`;
    case "answer-not-stored":
      return `not stored: no text${place} contains ${[answer ?? []]
        .flat()
        .map((words) => JSON.stringify(words))
        .join(" or ")}`;
    case "low-by-words":
      return `stored, but ranked low by words (${found})`;
    case "low-by-meaning":
      return `stored, but ranked low by meaning (${found})`;
    case "low-by-both":
      return `stored, but ranked low by words and by meaning (${found})`;
    case "low-together":
      return `stored and found, but ranked low when both are combined (${found})`;
  }
};
