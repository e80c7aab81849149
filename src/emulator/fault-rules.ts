import { z } from "zod";
import { propertyOf } from "../internal/objects.js";
import { functionSchema } from "../internal/schemas.js";

/**
 * Where a fault strikes: `submit` is POST /parse, `presign` POST /v2/parse/upload, `upload` the PUT of the file,
 * `status` GET /parse/ID with `include_chunks=false`, `result` any other GET /parse/ID, `output` the download that
 * `output_file_url` points to.
 */
export const PHASES = ["submit", "presign", "upload", "status", "result", "output"] as const;
export type Phase = (typeof PHASES)[number];

/** Faults by name, with what happens. */
export const FAULTS = {
  not_found: "404, the job is unknown",
  unauthorized: "401, the API key is refused",
  forbidden: "403, the job or the API is not open to this key",
  quota: "402, out of credits",
  usage_cap: "429 that means a billing cap",
  rate_limited: "429 that means too fast",
  rate_limited_retry_after: "429 that means too fast, with Retry-After",
  queue_full: "503 with Retry-After",
  too_large: "413",
  unsupported: "400 for the type of the file",
  server_error: "500",
  pii_blocked: "200 without a job: the document was blocked for its personal data",
  failed: "the job ends as Failed, now and for good",
  cancelled: "the job ends as Cancelled, now and for good",
  reset: "the connection is destroyed before anything is done or answered",
  reset_midway: "the connection is destroyed while the request body is still coming in",
  reset_after_accept:
    "the request is carried out (a job is made and paid for), then the connection is destroyed",
  cut: "the body breaks off in the middle and the connection is destroyed",
  truncated: "half of the body, as an answer that is complete as far as HTTP can tell",
  short: "half of the chunks, in JSON that is whole; `total_chunks` still names all",
  slow: "the body comes in small pieces with a pause before each",
  hang: "no answer until the client gives up or the emulator closes",
  not_json: "200 with a body that is no JSON",
  bad_gateway: "502 with an HTML page of a proxy",
  timeout: "504 with an HTML page of a proxy",
  redirect: "307 to `location`",
} as const;

export type FaultName = keyof typeof FAULTS;

/** What a rule's `match` can look at. */
export interface FaultInfo {
  on: Phase;
  method: string;
  path: string;
  query: Readonly<Record<string, string>>;
  /** Id of the job, where the request names one. */
  jobId?: string;
  /** Name of the file, where it is known. */
  fileName?: string;
}

/** An answer of one's own, for what has no name. A body that is not text is sent as JSON. */
export interface CustomAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
}

const isFault = (value: unknown): value is FaultName | CustomAnswer => {
  if (typeof value === "string") return Object.hasOwn(FAULTS, value);
  const status = propertyOf(value, "status");
  return typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599;
};

/** A fault to inject: what, where, how often. */
export interface FaultRule {
  /** Where it strikes. */
  on: Phase;
  /** A fault of {@link FAULTS}, or an answer of your own. */
  fault: FaultName | CustomAnswer;
  /** How many requests it strikes. `Infinity` for all. @default 1 */
  times?: number | undefined;
  /** How many matching requests pass before it strikes. @default 0 */
  skip?: number | undefined;
  /** Which requests it looks at. @default all of the phase */
  match?: ((info: FaultInfo) => boolean) | undefined;
  /**
   * `Retry-After` of `queue_full` and `rate_limited_retry_after`: seconds or an HTTP date.
   *
   * @default "20", and "5" for `queue_full` at a GET in the dialect 2026-09
   */
  retryAfter?: string | undefined;
  /** Where `rate_limited_retry_after` says so, in the dialect 2026-09. @default "both" */
  retryAfterIn?: "header" | "body" | "both" | undefined;
  /** Form of the body of a named error. @default the documented one */
  form?: "plain" | "json" | "error" | "detail" | "envelope" | undefined;
  /** The message of `failed` and `cancelled`. */
  message?: string | undefined;
  /** Where `redirect` leads. */
  location?: string | undefined;
  /** Bytes of each piece of `slow`. @default 1024 */
  pieceBytes?: number | undefined;
  /** Pause of `slow` before each piece, in milliseconds of the clock. @default 50 */
  pieceMs?: number | undefined;
}

/** Checks {@link FaultRule}. */
export const faultRuleSchema = z.strictObject({
  on: z.enum(PHASES),
  fault: z.custom<FaultName | CustomAnswer>(
    isFault,
    `expected one of ${Object.keys(FAULTS).join(", ")}, or { status, headers, body }`,
  ),
  times: z.union([z.number().int().min(1), z.literal(Number.POSITIVE_INFINITY)]).default(1),
  skip: z.number().int().min(0).default(0),
  match: functionSchema<(info: FaultInfo) => boolean>().optional(),
  retryAfter: z.string().optional(),
  retryAfterIn: z.enum(["header", "body", "both"]).default("both"),
  form: z.enum(["plain", "json", "error", "detail", "envelope"]).optional(),
  message: z.string().optional(),
  location: z.string().optional(),
  pieceBytes: z.number().int().min(1).default(1_024),
  pieceMs: z.number().min(0).default(50),
});

export type ActiveFault = z.output<typeof faultRuleSchema>;
