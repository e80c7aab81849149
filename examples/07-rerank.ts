// Put the hits in a better order with a reranker of your own: here a function that scores texts, as a cross-encoder does.

import { type ScoreTexts, SegmentRetriever } from "unsiloed-ingest/retrieval";
import { z } from "zod";
import { filledStore, withDirectory } from "./support/offline.js";

const ranksSchema = z.array(z.object({ index: z.number(), score: z.number() }));

/**
 * Asks a cross-encoder that a local server runs, such as Hugging Face's text-embeddings-inference with a model like
 * `BAAI/bge-reranker-base`: `text-embeddings-router --model-id BAAI/bge-reranker-base --port 8080`.
 */
const crossEncoder =
  (url: string): ScoreTexts =>
  async (query, texts, { signal }) => {
    const response = await fetch(`${url}/rerank`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, texts, truncate: true }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw new Error(`${url}/rerank answered with status ${response.status}`);
    const ranks = ranksSchema.parse(await response.json());
    const scores = new Array<number>(texts.length).fill(0);
    for (const { index, score } of ranks) scores[index] = score;
    return scores;
  };

/** Stands in where no server runs: the share of the question's words that a text has. */
const sharedWords: ScoreTexts = async (question, texts) => {
  const words = question.toLowerCase().split(/\W+/);
  return texts.map((text) => words.filter((word) => text.toLowerCase().includes(word)).length / words.length);
};

await withDirectory(async (directory) => {
  const { sink, embeddings, close } = await filledStore(directory);
  const { RERANK_URL } = process.env;
  const rerank = RERANK_URL ? crossEncoder(RERANK_URL) : sharedWords;
  const question = "target for lost-time injuries in 2026";

  for (const way of ["none", "words", rerank] as const) {
    const retriever = new SegmentRetriever({ sink, embeddings, k: 2, rerank: way });
    console.log(typeof way === "string" ? `rerank: ${way}` : `rerank: ${RERANK_URL ?? "shared words"}`);
    for (const [{ pageContent }, score] of await retriever.retrieveWithScores(question)) {
      console.log(`  ${score.toFixed(3)} ${pageContent.split("\n", 1)[0]}`);
    }
  }
  // A reranker of LangChain works as well: `rerank: new CohereRerank({ model: "rerank-v3.5", topN: 10 })`.
  await close();
});
