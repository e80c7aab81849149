import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import { segmentFilterSchema } from "../documents/filter.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import type { Clock } from "../internal/clock.js";
import type { VectorSink } from "../stores/sink.js";
import type { IngestEventListener } from "./events.js";

const atLeastOne = (most: number) => z.number().int().min(1).max(most);

/** The settings of a run, each with its default. */
export const ingestSettingsSchema = z.strictObject({
  /** Which segments are left out: by default running heads and feet. What has no text is never stored. */
  filter: segmentFilterSchema.unwrap().omit({ empty: true }).prefault({}),
  /** How many sources each stage works on at once. */
  concurrency: z
    .strictObject({
      /** Submitting, waiting and reading. @default 4 */
      parse: atLeastOne(1000).default(4),
      /** Embedding. @default 2 */
      embed: atLeastOne(100).default(2),
      /** Writing to the store. @default 2 */
      store: atLeastOne(100).default(2),
    })
    .prefault({}),
});

export type IngestSettings = z.input<typeof ingestSettingsSchema>;

export interface IngestOptions extends IngestSettings {
  /** Where the points go. Stays open: close it when you are done. */
  sink: VectorSink;
  /** Any LangChain embeddings. */
  embeddings: EmbeddingsInterface;
  /** Name under which the collection remembers the model. @default the embeddings' own `modelName` or `model` */
  model?: string;
  splitter: DocumentSplitter;
  /** Ends the run at the next possible moment; what is stored stays stored. */
  signal?: AbortSignal;
  onEvent?: IngestEventListener;
  clock?: Clock;
}
