import { z } from "zod";
import { type SegmentFilterOptions, segmentFilterSchema } from "../src/documents/filter.js";
import type { UnsiloedError } from "../src/errors.js";
import { functionSchema, isFunction } from "../src/internal/schemas.js";
import { type ResultLimitOptions, resultLimitsSchema } from "../src/parse-api/results/limits.js";

/** A source that could not be loaded. */
export interface LoadFailure {
  /** What the user named. */
  source: string;
  docId: string;
  /** The parse job, when there was one: `new UnsiloedJobLoader(jobId)` resumes it. */
  jobId?: string;
  error: UnsiloedError;
}

/** Options that all loaders share. */
export interface LoaderOptions {
  /** Directory that document ids of files are relative to. @default the working directory */
  root?: string | undefined;
  /**
   * Identity of the document: a text for a single source, or a function from what the user named.
   * @default the path relative to `root`, the URL without its signature, or `job:ID`
   */
  docId?: string | ((source: string) => string) | undefined;
  /**
   * Title of the document, which is embedded and searched with each of its splits: a text for a single source, or a
   * function from what the user named, which may leave it open. With a ledger, it holds in later runs too, until another
   * is given or an empty text takes it back.
   * @default the text of its title segment, else the name of its file in words
   */
  title?: string | ((source: string) => string | undefined) | undefined;
  /**
   * Keep pictures in `metadata.image`: `"url"` (or `true`) as addresses that die in about an hour, `"data"` as data
   * URIs that stay valid and are large.
   * @default false
   */
  images?: boolean | "url" | "data" | undefined;
  /**
   * Keep word boxes in `metadata.ocr`: about a thousand for a dense page. `SegmentSplitter` makes exact boxes of them
   * and drops them.
   * @default false
   */
  words?: boolean | undefined;
  /** What a result may hold at most. @default 16 GiB in all, 64 MiB and 64 levels for one segment, … */
  limits?: ResultLimitOptions | undefined;
  /**
   * Leave segments out; `{}` leaves out running heads, running feet and segments without text, and
   * `{ empty: true }` the first two only. `policies` leaves out or flags what the layout model is not sure of, by
   * segment type: `{ policies: { Picture: { minConfidence: 0.5, below: "drop" } } }`. What is left out or flagged is
   * counted in `loader.counts`.
   * @default every segment is kept
   */
  filter?: SegmentFilterOptions | undefined;
  /** How many sources are worked on at once. @default 4 */
  concurrency?: number | undefined;
  /**
   * What a source that fails does: `"throw"` rejects with its error, `"skip"` continues with the others. Failures are
   * in `loader.failures` either way, with the ids of the jobs concerned.
   * @default "throw"
   */
  onError?: "throw" | "skip" | undefined;
  /** Called with each failure when it happens. */
  onFailure?: ((failure: LoadFailure) => void) | undefined;
}

const filterSchema = segmentFilterSchema.unwrap().optional();

export const loaderShape = {
  root: z.string().min(1).optional(),
  docId: z
    .union([
      z.string().min(1),
      z.custom<(source: string) => string>(isFunction, "expected a text or a function"),
    ])
    .optional(),
  title: z
    .union([
      z.string().trim().max(1_000),
      z.custom<(source: string) => string | undefined>(isFunction, "expected a text or a function"),
    ])
    .optional(),
  images: z.union([z.boolean(), z.literal("url"), z.literal("data")]).default(false),
  words: z.boolean().default(false),
  limits: resultLimitsSchema,
  filter: filterSchema,
  concurrency: z.number().int().min(1).max(1_000).default(4),
  onError: z.enum(["throw", "skip"]).default("throw"),
  onFailure: functionSchema<(failure: LoadFailure) => void>().optional(),
};

export const loaderOptionsSchema = z.strictObject(loaderShape);

export type LoaderSettings = z.output<typeof loaderOptionsSchema>;
