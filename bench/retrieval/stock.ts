import { Document } from "@langchain/core/documents";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import type { EmbeddingModel } from "../../src/embeddings/model.js";
import type { Point, VectorSink } from "../../src/stores/sink.js";
import { idOf, metadataOf } from "../../test/support/sink-data.js";
import type { QuestionSet } from "./questions.js";

/** The stock pipeline's settings, those of LangChain's own tutorials. */
const STOCK = { chunkSize: 1000, chunkOverlap: 200 };

/** Ingests a document as LangChain's tutorials do: the Markdown of each chunk, split by characters. */
export const ingestStock = async (
  { result }: QuestionSet,
  sink: VectorSink,
  embeddings: EmbeddingModel,
): Promise<void> => {
  const documents = result.chunks.map(({ embed, segments }) => {
    const markdown = segments.map((segment) => segment.markdown || segment.content || "").join("\n");
    return new Document({ pageContent: embed || markdown });
  });
  const splits = await new RecursiveCharacterTextSplitter(STOCK).splitDocuments(documents);
  const texts = splits.map(({ pageContent }) => pageContent).filter((text) => text.trim() !== "");
  const vectors = await embeddings.embedDocuments(texts);
  const points = texts.map(
    (content, n): Point => ({
      id: idOf(n),
      vector: vectors[n] ?? [],
      content,
      lexical: content,
      metadata: metadataOf(),
    }),
  );
  await sink.prepare({ dimensions: vectors[0]?.length ?? 0, model: embeddings.modelName });
  await sink.upsert(points);
};
