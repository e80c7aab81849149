import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../internal/async/clock.js";
import { clockSchema, isFunction } from "../internal/schemas.js";
import { DIALECTS, type Dialect } from "../parse-api/jobs/dialects.js";
import { type FaultRule, faultRuleSchema } from "./fault-rules.js";

/** How a job came to be: a file in the form, a URL in the form, a presigned upload, or `emulator.addJob`. */
export type SubmittedVia = "file" | "url" | "upload" | "added";

/** What is known of a job when its outcome is chosen. */
export interface Submission {
  jobId: string;
  /** Name of the file; the last part of the path for a URL. */
  fileName: string;
  via: SubmittedVia;
  /** The URL that was submitted. */
  url?: string;
  /** The options of the request: JSON fields parsed, booleans and numbers as such. */
  options: Readonly<Record<string, unknown>>;
  /** Bytes of the file; 0 for a URL. */
  bytes: number;
  /** SHA-256 of the file, hexadecimal; empty for a URL. */
  sha256: string;
}

/**
 * How a job ends: a result as the service writes it, the path of a saved one (`.json` or `.json.gz`, read again and
 * streamed for every request), a failure with its message, or a cancellation.
 */
export type JobOutcome =
  | string
  | { fail: string }
  | { cancel: true | string }
  | { readonly [field: string]: unknown };

/** Outcomes by file name, by submitted URL, or for all others. Without `default`, other jobs fail and say so. */
export interface OutcomesByFileName {
  /** How the jobs end, each by the name of its file or by the URL that was submitted. */
  byFileName: Readonly<Record<string, JobOutcome>>;
  /** How all other jobs end. @default they fail and say that no result is named for them */
  default?: JobOutcome;
}

export type OutcomeFunction = (submission: Submission) => JobOutcome | Promise<JobOutcome>;

/** A list of states a job goes through, or a function that gives one for each job. */
export type StateList = readonly string[];

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const milliseconds = z.number().min(0);

/** Options of {@link startEmulator}. */
export interface EmulatorOptions {
  /** What jobs answer with: one outcome for all, outcomes by file name, or a function. */
  results: JobOutcome | OutcomesByFileName | OutcomeFunction;
  /**
   * Published form of the API to follow. `"2026-09"` takes workbooks at `POST /parse/excel` only, takes JSON beside
   * the form, gives addresses only with `include_url`, puts `output_file_url` into `result`, takes `expires_in` for
   * the life of an upload address only, wraps most errors in an envelope, and has option names of its own. It alone
   * changes results: by `segment_filter`, `merge_tables`, `response_profile=slim` and `segmentation_version=v1`, with
   * `cell_references` in those of workbooks, and with `segment_type_display`, `total_chunks` and `page_count`.
   *
   * @default "2026-09"
   */
  dialect?: Dialect | undefined;
  /** The only key accepted. @default every key is accepted, but one must be sent */
  apiKey?: string | undefined;
  /** How long a job stays in each state; a state of 0 is passed over. @default 0 each */
  delays?: StateDelays | undefined;
  /** States by poll in place of `delays`: each GET takes the next one, the last stays. @default none */
  states?: StateList | ((submission: Submission) => StateList | undefined) | undefined;
  /**
   * Names states in lower case, and `Succeeded` `completed`, which version 1 of the SDK takes too.
   *
   * @default false
   */
  lowerCaseStates?: boolean | undefined;
  /** Faults to inject; more can be added with `addFault`. @default none */
  faults?: FaultRule[] | undefined;
  /** Tells the time and waits. @default the system's clock */
  clock?: Clock | undefined;
  /** Address both servers listen on. @default "127.0.0.1" */
  host?: string | undefined;
  /** Port of the API; 0 takes a free one. Uploads and output files always have a free port of their own. @default 0 */
  port?: number | undefined;
  /** New `segment_id` and `chunk_id` for every job, as the service gives them. @default true */
  renewIds?: boolean | undefined;
  /** Makes job ids and renewed ids the same on every run. @default random */
  seed?: string | undefined;
  /** Sliding window per API key on submissions, and on status checks with `statusToo`. @default no limit */
  rateLimit?: EmulatedRateLimit | undefined;
  /** Jobs that may be unfinished at once; a submission beyond that gets 503 with `Retry-After`. @default no limit */
  maxActiveJobs?: number | undefined;
  /** `Retry-After` of that answer: seconds or an HTTP date. @default "20" */
  queueRetryAfter?: string | undefined;
  /** Credits of the account; a submission that costs more than is left gets 402. @default 1000000 */
  quota?: number | undefined;
  /** Credits a job costs. @default 10 */
  creditsPerJob?: number | undefined;
  /** Largest body of `POST /parse`, in bytes; more gets 413. @default 500 MiB, and 100 MiB in the dialect 2026-03 */
  maxFormBytes?: number | undefined;
  /** Seconds a job is kept when the request has no `expires_in`. @default kept for good */
  expiresIn?: number | undefined;
  /** Seconds an upload or output URL works. @default 3600 */
  urlsExpireIn?: number | undefined;
  /**
   * Form of error bodies: bare text, a JSON string, or the forms of September 2026.
   *
   * @default "envelope", and "plain" in the dialect 2026-03
   */
  errorText?: "plain" | "json" | "envelope" | undefined;
}

/** Times of a job's states, in milliseconds of `clock`. */
export interface StateDelays {
  /** Time in `Starting`. @default 0 */
  startingMs?: number | undefined;
  /** Time in `Queued`. @default 0 */
  queuedMs?: number | undefined;
  /** Time in `Processing`. @default 0 */
  processingMs?: number | undefined;
}

export interface EmulatedRateLimit {
  /** Calls in a window. */
  requests: number;
  /** Length of the window, in milliseconds. */
  windowMs: number;
  /** Whether status checks count too. @default false */
  statusToo?: boolean | undefined;
  /** Whether the answer carries `Retry-After`. The service is not known to send one. @default false */
  retryAfter?: boolean | undefined;
}

const fieldsSchema = z.strictObject({
  results: z.custom<JobOutcome | OutcomesByFileName | OutcomeFunction>(
    (value) => (typeof value === "string" && value !== "") || isObject(value) || isFunction(value),
    "expected a result, the path of one, { byFileName }, or a function",
  ),
  dialect: z.enum(DIALECTS).default("2026-09"),
  apiKey: z.string().min(1).optional(),
  delays: z
    .strictObject({
      startingMs: milliseconds.default(0),
      queuedMs: milliseconds.default(0),
      processingMs: milliseconds.default(0),
    })
    .prefault({}),
  states: z
    .custom<StateList | ((submission: Submission) => StateList | undefined)>(
      (value) =>
        isFunction(value) ||
        (Array.isArray(value) && value.length > 0 && value.every((state) => typeof state === "string")),
      "expected a list of states or a function that gives one",
    )
    .optional(),
  lowerCaseStates: z.boolean().default(false),
  faults: z.array(faultRuleSchema).default([]),
  clock: clockSchema,
  host: z.string().min(1).default("127.0.0.1"),
  port: z.number().int().min(0).max(65_535).default(0),
  renewIds: z.boolean().default(true),
  seed: z.string().default(() => randomUUID()),
  rateLimit: z
    .strictObject({
      requests: z.number().int().min(1),
      windowMs: z.number().min(1),
      statusToo: z.boolean().default(false),
      retryAfter: z.boolean().default(false),
    })
    .optional(),
  maxActiveJobs: z.number().int().min(0).optional(),
  queueRetryAfter: z.string().default("20"),
  quota: z.number().int().min(0).default(1_000_000),
  creditsPerJob: z.number().int().min(0).default(10),
  maxFormBytes: z.number().int().min(1).optional(),
  expiresIn: z.number().min(0).optional(),
  urlsExpireIn: z.number().min(0).default(3_600),
  errorText: z.enum(["plain", "json", "envelope"]).optional(),
});

/** Fills in what depends on other options. */
export const emulatorOptionsSchema = fieldsSchema.transform(({ errorText, maxFormBytes, ...others }) => {
  const isNewer = others.dialect === "2026-09";
  return {
    ...others,
    errorText: errorText ?? (isNewer ? ("envelope" as const) : ("plain" as const)),
    maxFormBytes: maxFormBytes ?? (isNewer ? 500 : 100) * 1024 * 1024,
  };
});

export type EmulatorSettings = z.output<typeof emulatorOptionsSchema>;
