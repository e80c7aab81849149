import type { DocumentInterface } from "@langchain/core/documents";
import type { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { z } from "zod";
import { propertyOf } from "../../internal/objects.js";
import { isFunction } from "../../internal/schemas.js";

/**
 * Scores texts by how well they answer a question, as a cross-encoder does.
 *
 * @returns one number for each text, in their order; higher is better
 */
export type ScoreTexts = (
  question: string,
  texts: string[],
  options: { signal?: AbortSignal | undefined },
) => Promise<readonly number[]>;

/** A reranker of LangChain: every `BaseDocumentCompressor`, such as `CohereRerank`. */
export interface DocumentCompressor {
  /**
   * Returns the Documents that answer the question, best first. Each is recognised by its `id`, or by `point_id` in its
   * metadata; a `relevanceScore` in its metadata becomes its score.
   */
  compressDocuments(
    documents: DocumentInterface[],
    query: string,
  ): ReturnType<BaseDocumentCompressor["compressDocuments"]>;
}

/** What puts the hits of a search in a better order. */
export type RerankOption = "words" | "none" | DocumentCompressor | ScoreTexts;

const isRerankOption = (value: unknown): value is RerankOption =>
  value === "words" ||
  value === "none" ||
  isFunction(value) ||
  isFunction(propertyOf(value, "compressDocuments"));

export const rerankSchema = z.custom<RerankOption>(
  isRerankOption,
  'expected "words", "none", a document compressor of LangChain, or a function that scores texts',
);
