import { Document, type DocumentInterface } from "@langchain/core/documents";
import { messageOf, UnsiloedError } from "../../errors.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { propertyOf } from "../../internal/objects.js";
import type { SearchHit, SinkCallOptions } from "../../stores/sink.js";
import { byScore } from "../fusion.js";
import { withWrittenOut } from "../question-words.js";
import { shortSource } from "../short-source.js";
import { rankByWords } from "./rank-by-words.js";
import type { DocumentCompressor, RerankOption, ScoreTexts } from "./rerank-options.js";

/** Metadata key with the id of the hit, because compressors may return new Documents. */
const ID_KEY = "point_id";

/**
 * Puts hits into a better order.
 *
 * @param hits best first, with scores from 0 to 1
 * @returns the hits with new scores; fewer when a compressor leaves some out
 * @throws UnsiloedError `INVALID_OPTION` when the reranker returns what cannot be used; `UNEXPECTED`, with
 *   its own words, when it throws
 */
export const rerank = async (
  reranker: RerankOption,
  question: string,
  hits: readonly SearchHit[],
  options: SinkCallOptions,
): Promise<SearchHit[]> => {
  if (reranker === "none" || hits.length === 0) return [...hits];
  if (reranker === "words") return rankByWords(withWrittenOut(question), hits);
  const rank = () =>
    typeof reranker === "function"
      ? scoreWith(reranker, question, hits, options)
      : compressWith(reranker, question, hits);
  try {
    return await untilAborted(rank, options.signal);
  } catch (cause) {
    if (cause instanceof UnsiloedError) throw cause;
    throw new UnsiloedError("UNEXPECTED", `rerank: the reranker failed: ${messageOf(cause)}`, { cause });
  }
};

const scoreWith = async (
  scoreTexts: ScoreTexts,
  question: string,
  hits: readonly SearchHit[],
  { signal }: SinkCallOptions,
): Promise<SearchHit[]> => {
  const texts = hits.map(({ content }) => content);
  const scores = await scoreTexts(question, texts, { signal });
  if (scores.length !== hits.length || !scores.every(Number.isFinite)) {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `rerank: expected a finite number for each of ${hits.length} texts, got ${scores.length} values: ${JSON.stringify(scores.slice(0, 5))}`,
    );
  }
  return hits.map((hit, index) => ({ ...hit, score: scores[index] ?? 0 })).sort(byScore);
};

const compressWith = async (
  compressor: DocumentCompressor,
  question: string,
  hits: readonly SearchHit[],
): Promise<SearchHit[]> => {
  const documents = hits.map(
    ({ id, content, metadata, score }) =>
      new Document({
        id,
        pageContent: content,
        metadata: { ...metadata, source: shortSource(metadata), score, [ID_KEY]: id },
      }),
  );
  const compressed = await compressor.compressDocuments(documents, question);
  const byId = new Map(hits.map((hit) => [hit.id, hit]));
  const chosen = new Map(
    compressed.map((document, index) => {
      const hit = byId.get(String(document.metadata[ID_KEY] ?? document.id));
      if (hit) return [hit.id, { ...hit, score: scoreOf(document) ?? 1 / (index + 1) }] as const;
      throw new UnsiloedError(
        "INVALID_OPTION",
        `rerank: the compressor returned a Document without the id or the metadata of one that it was given: ${JSON.stringify(document.pageContent.slice(0, 60))}`,
      );
    }),
  );
  return [...chosen.values()];
};

const scoreOf = ({ metadata }: DocumentInterface): number | undefined => {
  const score: unknown = propertyOf(metadata, "relevanceScore");
  return typeof score === "number" && Number.isFinite(score) ? score : undefined;
};
