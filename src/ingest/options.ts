import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import { segmentFilterSchema } from "../documents/filter.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import type { Clock } from "../internal/async/clock.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ResultArchive } from "../ledger/result-archive.js";
import type { VectorSink } from "../stores/sink.js";
import type { IngestEventListener } from "./run/events.js";

const atLeastOne = (most: number) => z.number().int().min(1).max(most);

/** The settings of a run, each with its default. */
export const ingestSettingsSchema = z.strictObject({
  /**
   * Which segments are left out: by default running heads and feet. What has no text is never stored. `policies`
   * leaves out or flags what the layout model is not sure of, by segment type.
   */
  filter: segmentFilterSchema.unwrap().omit({ empty: true }).prefault({}),
  /** How many sources each stage works on at once. Together, they also bound how many are in memory. */
  concurrency: z
    .strictObject({
      /**
       * Waiting for parse jobs, most of all; at most 4 submissions are on their way at once, and at most 4 results are
       * read at once. @default 64
       */
      parse: atLeastOne(1000).default(64),
      /**
       * Embedding; how many requests are in flight is for the embeddings to say. Where documents share requests, as
       * with `PackedOpenAIEmbeddings`, small ones count by their share: one of 512 splits or 262,144 characters is
       * whole, and 64 of the smallest count as one. @default 8
       */
      embed: atLeastOne(100).default(8),
      /** Writing to the store; how many requests are in flight is for the sink to say. @default 4 */
      store: atLeastOne(100).default(4),
    })
    .prefault({}),
  /** Submit documents again of which nobody knows whether an earlier submission was accepted; may pay twice. @default false */
  resubmitUnknown: z.boolean().default(false),
  /** Parse web addresses again, whose content cannot be told to have changed. @default false */
  refresh: z.boolean().default(false),
  /** Submit documents again whose parse job failed or was cancelled at the service. @default false */
  retryFailedJobs: z.boolean().default(false),
  /** Count the points of each document that the ledger calls stored, rather than all together. @default false */
  verify: z.boolean().default(false),
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
  /**
   * Remembers what was submitted, parsed and stored: with it, an unchanged document costs one hash, a paid job is
   * never lost, and no document is worked on by two runs at once. @default none: every run reads every document
   */
  ledger?: Ledger;
  /** Keeps parse results, so that other splits, models or stores need no second parse. Needs a ledger. @default none */
  results?: ResultArchive;
  /** Ends the run at the next possible moment; what is stored stays stored. */
  signal?: AbortSignal;
  /**
   * Ends the run gently: nothing more is begun and no job is waited for, but what is in flight is finished and
   * written down. The report counts what is left as `unfinished`.
   */
  drain?: AbortSignal;
  onEvent?: IngestEventListener;
  clock?: Clock;
}
