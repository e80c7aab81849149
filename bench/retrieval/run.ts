import type { EmbeddingModel } from "../../src/embeddings/model.js";
import { SEARCH_MODES } from "../../src/retrieval/search-choices.js";
import type { SearchHit } from "../../src/stores/sink.js";
import { type Judge, judgeOf } from "./judge.js";
import { DEPTH, meanOf, type Scores, scoreOne } from "./metrics.js";
import { ingestSet, searchPipeline } from "./pipeline.js";
import type { QuestionSet } from "./questions.js";
import { ingestStock } from "./stock.js";
import type { BenchStore } from "./stores.js";

/** The search methods that are compared: the modes of this package, and the stock pipeline. */
export const WAYS = [...SEARCH_MODES, "stock"] as const;
export type Way = (typeof WAYS)[number];

/** The result of one search method for one question. */
export interface Outcome {
  question: string;
  scores: Scores;
}

export interface SetReport {
  set: string;
  questions: number;
  ways: Record<Way, { scores: Scores; outcomes: Outcome[] }>;
}

/** Embeds each question once for all searches. */
const remembering = (embeddings: EmbeddingModel): EmbeddingModel => {
  const vectors = new Map<string, Promise<number[]>>();
  return {
    modelName: embeddings.modelName,
    embedDocuments: (texts) => embeddings.embedDocuments(texts),
    embedQuery: (text) => {
      const vector = vectors.get(text) ?? embeddings.embedQuery(text);
      vectors.set(text, vector);
      return vector;
    },
  };
};

/** A question and the judge of its results. */
interface Judged {
  question: string;
  judge: Judge;
}

/** A set that is stored by both pipelines. */
export interface OpenSet {
  name: string;
  judged: Judged[];
  search(way: Way, question: string, k: number): Promise<SearchHit[]>;
}

/** Ingests a set with both pipelines. */
export const openSet = async (
  set: QuestionSet,
  model: EmbeddingModel,
  store: BenchStore,
): Promise<OpenSet> => {
  const embeddings = remembering(model);
  const judged = set.questions.map((question) => ({
    question: question.question,
    judge: judgeOf(set, question),
  }));
  const [own, stock] = [store.open(set.name), store.open(`${set.name}-stock`)];
  await ingestSet(set, own, embeddings);
  await ingestStock(set, stock, embeddings);
  return {
    name: set.name,
    judged,
    search: (way, question, k) =>
      way === "stock"
        ? searchPipeline(stock, embeddings, "dense", question, k)
        : searchPipeline(own, embeddings, way, question, k),
  };
};

/** Searches with one method for every question of a set. */
const runWay = async (way: Way, { judged, search }: OpenSet) => {
  const outcomes: Outcome[] = [];
  for (const { question, judge } of judged) {
    const hits = await search(way, question, DEPTH);
    const texts = hits.map(({ content }) => content);
    outcomes.push({ question, scores: scoreOne(judge, texts) });
  }
  return { scores: meanOf(outcomes.map(({ scores }) => scores)), outcomes };
};

/** Searches with each method for every question of a set. */
export const runSet = async (set: OpenSet): Promise<SetReport> => ({
  set: set.name,
  questions: set.judged.length,
  ways: {
    dense: await runWay("dense", set),
    text: await runWay("text", set),
    hybrid: await runWay("hybrid", set),
    stock: await runWay("stock", set),
  },
});
