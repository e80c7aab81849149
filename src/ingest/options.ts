import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import { type SegmentFilter, segmentFilterSchema, type TextFilterOptions } from "../documents/filter.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import type { Clock } from "../internal/async/clock.js";
import { sha256, stableJson } from "../internal/hashing.js";
import { objectSchema } from "../internal/schemas.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ResultArchive } from "../ledger/result-archive.js";
import type { VectorSink } from "../stores/sink.js";
import { partSchemas } from "./parts.js";
import type { CreditBudget } from "./run/credit-budget.js";
import type { IngestEventListener } from "./run/events.js";

/** Says how many documents each stage works on at once. Together, the stages also bound how many are in memory. */
export interface IngestConcurrency {
  /**
   * Documents that are submitted, parsed by the service or read, most of which just wait for their parse job. At most
   * 4 submissions are on their way at once, and at most 4 results are read at once.
   * @default 64
   */
  parse?: number | undefined;
  /**
   * Documents that are embedded; how many requests are in flight is for the embeddings to say. Where documents share
   * requests, as with `PackedOpenAIEmbeddings`, small documents count by their size: one of 512 splits or 262,144
   * characters counts in full, and 64 of the smallest count as one.
   * @default 8
   */
  embed?: number | undefined;
  /**
   * Documents that are written to the store; how many requests are in flight is for the sink to say.
   * @default 4
   */
  store?: number | undefined;
}

/** The settings of a run, each with its default. */
export interface IngestSettings {
  /**
   * Says which segments are left out: by default running heads and feet. What has no text is never stored. `policies`
   * leaves out or flags segments that the layout model is not sure of, by segment type.
   * @default {}
   */
  filter?: TextFilterOptions | undefined;
  /** Says how many documents each stage works on at once. @default { parse: 64, embed: 8, store: 4 } */
  concurrency?: IngestConcurrency | undefined;
  /**
   * Submits documents again where nobody knows whether an earlier submission was accepted. This may pay twice.
   * @default false
   */
  resubmitUnknown?: boolean | undefined;
  /** Parses web addresses again, since nothing tells whether their content has changed. @default false */
  refresh?: boolean | undefined;
  /**
   * Submits documents again whose parse job failed or was cancelled at the service, or whose result was short.
   * @default false
   */
  retryFailedJobs?: boolean | undefined;
  /**
   * Credits that the parse jobs of this run may cost together. What would pass the limit is not submitted but reported
   * in `left_out`; jobs that run are finished, and what costs nothing is still done. The cost of a submission is
   * estimated by its pages, or by the mean of the run where they cannot be counted, so the limit is passed by as much
   * as the service charges beyond that.
   * @default no limit
   */
  maxCredits?: number | undefined;
  /**
   * Counts the points of each document that the ledger calls stored, rather than all points of the store together.
   * @default false
   */
  verify?: boolean | undefined;
}

export interface IngestOptions extends IngestSettings {
  /** Where the points go. It stays open: close it when you are done. */
  sink: VectorSink;
  /** The embedding model: any LangChain embeddings. */
  embeddings: EmbeddingsInterface;
  /** Name under which the collection remembers the model. @default the embeddings' own `modelName` or `model` */
  model?: string;
  /** Turns segments into splits, such as `SegmentSplitter`. */
  splitter: DocumentSplitter;
  /**
   * Remembers what was submitted, parsed and stored: with it, an unchanged document costs one hash, a paid job is
   * never lost, and no document is worked on by two runs at once.
   * @default none: every run reads every document
   */
  ledger?: Ledger;
  /** Keeps parse results, so that other splits, models or stores need no second parse. Needs a ledger. @default none */
  results?: ResultArchive;
  /**
   * Decides what may be submitted, such as a `PostgresCreditBudget` that processes share. It stays open.
   * @default the budget of this run, of `maxCredits`
   */
  creditBudget?: CreditBudget;
  /** Ends the run as soon as possible; what is stored stays stored. */
  signal?: AbortSignal;
  /**
   * Ends the run gently: nothing more is begun and no job is waited for, but work in progress is finished and written
   * down. The report counts the rest as `unfinished`.
   */
  drain?: AbortSignal;
  /** Called with each step of the run, for progress displays and logs. */
  onEvent?: IngestEventListener;
  /** Time, as tests may set it. @default the system's clock */
  clock?: Clock;
}

const atLeastOne = (most: number) => z.number().int().min(1).max(most);

/** Checks {@link IngestSettings} and fills in their defaults. */
export const ingestSettingsSchema = z.strictObject({
  filter: segmentFilterSchema.unwrap().omit({ empty: true }).prefault({}),
  concurrency: z
    .strictObject({
      parse: atLeastOne(1000).default(64),
      embed: atLeastOne(100).default(8),
      store: atLeastOne(100).default(4),
    })
    .prefault({}),
  resubmitUnknown: z.boolean().default(false),
  refresh: z.boolean().default(false),
  retryFailedJobs: z.boolean().default(false),
  maxCredits: z.number().min(0).optional(),
  verify: z.boolean().default(false),
});

/** Checks {@link IngestOptions}. */
export const ingestOptionsSchema = ingestSettingsSchema
  .extend({
    ...partSchemas,
    ledger: partSchemas.ledger.optional(),
    creditBudget: objectSchema<CreditBudget>(
      ["admit"],
      "a budget, such as a PostgresCreditBudget",
    ).optional(),
  })
  .refine(({ creditBudget, maxCredits }) => !creditBudget || maxCredits === undefined, {
    path: ["maxCredits"],
    message: "expected no limit beside creditBudget, which has its own",
  });

export type CheckedIngestOptions = z.output<typeof ingestOptionsSchema>;

export interface ShapingOptions {
  model: string;
  dimensions: number;
  splitter: DocumentSplitter;
  filter: SegmentFilter;
  sink: Pick<VectorSink, "description">;
}

/** Hashes every option that changes the points; `null` where nothing tells whether the splitter changed. */
export const hashOptions = ({ model, dimensions, splitter, filter, sink }: ShapingOptions): string | null => {
  const { fingerprint } = splitter;
  if (fingerprint === undefined) return null;
  const shaping = { model, dimensions, splitter: fingerprint, filter, store: sink.description };
  return sha256([stableJson(shaping)]).slice(0, 32);
};

/** Adds the title that the caller gave a document to the hash of the options, since its points hold it. */
export const hashWithTitle = (optionsHash: string | null, title: string | undefined): string | null =>
  optionsHash === null || title === undefined ? optionsHash : sha256([optionsHash, title]).slice(0, 32);

/** Returns the filter of a run. A picture without text may still have a caption, which only the splitter knows. */
export const storedFilter = (filter: Omit<SegmentFilter, "empty">): SegmentFilter => ({
  ...filter,
  empty: true,
});
