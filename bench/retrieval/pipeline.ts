import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { EmbeddingModel } from "../../src/embeddings/model.js";
import { ingest } from "../../src/ingest/ingest.js";
import { searchSegments } from "../../src/retrieval/search.js";
import type { SearchMode } from "../../src/retrieval/search-choices.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import type { SearchHit, VectorSink } from "../../src/stores/sink.js";
import type { QuestionSet } from "./questions.js";

/** Ingests a document with the defaults of the package. */
export const ingestSet = async (
  { name, result }: QuestionSet,
  sink: VectorSink,
  embeddings: EmbeddingModel,
): Promise<void> => {
  const sources = new UnsiloedResultLoader(result, { docId: name }).sources();
  const { failures } = await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter() });
  const [failure] = failures;
  if (failure) throw new Error(`${name}: ${failure.code}: ${failure.message}`);
};

/** Searches the splits that {@link ingestSet} stored. */
export const searchPipeline = (
  sink: VectorSink,
  embeddings: EmbeddingModel,
  mode: SearchMode,
  question: string,
  k: number,
): Promise<SearchHit[]> => searchSegments({ sink, embeddings }, question, { mode, k });
