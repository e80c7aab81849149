import { readFile } from "node:fs/promises";
import path from "node:path";
import { Document } from "@langchain/core/documents";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { z } from "zod";
import type { EmbeddingModel } from "../../src/embeddings/model.js";
import { batches } from "../../src/internal/batching.js";
import type { Point, VectorSink } from "../../src/stores/sink.js";
import { idOf, metadataOf } from "../../test/support/sink-data.js";

/** The stock splitter's settings, those of LangChain's own tutorials. */
const STOCK = { chunkSize: 1000, chunkOverlap: 200 };

const resultSchema = z.object({
  chunks: z.array(
    z.object({
      segments: z.array(z.object({ content: z.string().nullish(), markdown: z.string().nullish() })),
    }),
  ),
});

export type StockResult = z.output<typeof resultSchema>;

/** A piece of the stock splitter and the segments whose lines it touches, numbered from 0 in reading order. */
export interface StockSplit {
  content: string;
  segments: number[];
}

const linesSchema = z.object({ loc: z.object({ lines: z.object({ from: z.number(), to: z.number() }) }) });

/** Splits the Markdown of each chunk by characters, as LangChain's tutorials do. */
export const stockSplits = async ({ chunks }: StockResult): Promise<StockSplit[]> => {
  const splitter = new RecursiveCharacterTextSplitter(STOCK);
  const splits: StockSplit[] = [];
  let segment = 0;
  for (const { segments } of chunks) {
    const texts = segments.map(({ markdown, content }) => markdown || content || "");
    /** The segment of each line. */
    const owners = texts.flatMap((text, index) => text.split("\n").map(() => segment + index));
    segment += segments.length;
    const found = await splitter.splitDocuments([new Document({ pageContent: texts.join("\n") })]);
    for (const { pageContent: content, metadata } of found) {
      if (content.trim() === "") continue;
      const { from, to } = linesSchema.parse(metadata).loc.lines;
      splits.push({ content, segments: [...new Set(owners.slice(from - 1, to))] });
    }
  }
  return splits;
};

/** Stores the stock splitter's pieces of all results, to be searched like the package's own. */
export const ingestStock = async (
  files: readonly string[],
  sink: VectorSink,
  embeddings: EmbeddingModel,
): Promise<void> => {
  const splits: (StockSplit & { docId: string })[] = [];
  for (const file of files) {
    const result = resultSchema.parse(JSON.parse(await readFile(file, "utf8")));
    const docId = path.basename(file);
    splits.push(...(await stockSplits(result)).map((split) => ({ ...split, docId })));
  }
  let count = 0;
  for (const batch of batches(splits, { maxCount: 1_000 })) {
    const vectors = await embeddings.embedDocuments(batch.map(({ content }) => content));
    if (count === 0) await sink.prepare({ dimensions: vectors[0]?.length ?? 0, model: embeddings.modelName });
    const points = batch.map(
      ({ content, segments, docId }, index): Point => ({
        id: idOf(count + index),
        vector: vectors[index] ?? [],
        content,
        lexical: content,
        metadata: metadataOf({
          source: docId,
          doc_id: docId,
          segment_index: segments[0] ?? 0,
          segment_indices: segments,
        }),
      }),
    );
    await sink.upsert(points);
    count += batch.length;
  }
};
