import type { EmbeddingModel } from "../../src/embeddings/model.js";
import { SEARCH_MODES, type SearchHit } from "../../src/stores/sink.js";
import { judgeOf } from "./judge.js";
import { DEPTH, meanOf, type Scores, scoreOne } from "./metrics.js";
import { ingestSet, searchPipeline } from "./pipeline.js";
import type { QuestionSet } from "./questions.js";
import { ingestStock } from "./stock.js";
import type { BenchStore } from "./stores.js";

/** The ways of searching that are compared: this package's modes, and the stock pipeline. */
export const WAYS = [...SEARCH_MODES, "stock"] as const;
export type Way = (typeof WAYS)[number];

/** What one way of searching made of one question. */
export interface Outcome {
  question: string;
  scores: Scores;
}

export interface SetReport {
  set: string;
  questions: number;
  ways: Record<Way, { scores: Scores; outcomes: Outcome[] }>;
}

/** Embeds each question once, whatever is searched with it. */
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

/** Ingests a set both ways and puts every question to each way of searching. */
export const runSet = async (
  set: QuestionSet,
  model: EmbeddingModel,
  store: BenchStore,
): Promise<SetReport> => {
  const embeddings = remembering(model);
  const judged = set.questions.map((question) => ({ ...question, judge: judgeOf(set, question) }));
  const [own, stock] = [store.open(set.name), store.open(`${set.name}-stock`)];
  await ingestSet(set, own, embeddings);
  await ingestStock(set, stock, embeddings);
  const searches: Record<Way, (question: string) => Promise<SearchHit[]>> = {
    dense: (question) => searchPipeline(own, embeddings, "dense", question, DEPTH),
    text: (question) => searchPipeline(own, embeddings, "text", question, DEPTH),
    hybrid: (question) => searchPipeline(own, embeddings, "hybrid", question, DEPTH),
    stock: (question) => searchPipeline(stock, embeddings, "dense", question, DEPTH),
  };
  const runWay = async (way: Way) => {
    const outcomes: Outcome[] = [];
    for (const { question, judge } of judged) {
      const hits = await searches[way](question);
      outcomes.push({
        question,
        scores: scoreOne(
          judge,
          hits.map(({ content }) => content),
        ),
      });
    }
    return { scores: meanOf(outcomes.map(({ scores }) => scores)), outcomes };
  };
  const ways = {
    dense: await runWay("dense"),
    text: await runWay("text"),
    hybrid: await runWay("hybrid"),
    stock: await runWay("stock"),
  };
  return { set: set.name, questions: judged.length, ways };
};
