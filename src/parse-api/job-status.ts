import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { plainReason } from "../internal/http/error-body.js";
import { describeIssue } from "../internal/options.js";
import { redact } from "./redact.js";

const optionalText = z.string().nullish().catch(null);
const optionalNumber = z.number().nullish().catch(null);

/** Answer of `POST /parse`. */
export const submittedSchema = z.object({
  job_id: z.string().min(1),
  status: optionalText,
  file_name: optionalText,
  credit_used: optionalNumber,
  quota_remaining: optionalNumber,
});

/** Answer of `POST /v2/parse/upload`. */
export const presignedSchema = z.object({
  job_id: z.string().min(1),
  upload_url: z.string().min(1),
  upload_method: z.string().nullish(),
  upload_headers: z.record(z.string(), z.string()).nullish(),
  expires_at: optionalText,
});

/** Answer of `GET /parse/{job_id}?include_chunks=false`. */
export const statusSchema = z.object({
  job_id: optionalText,
  status: z.string().min(1),
  message: optionalText,
  file_name: optionalText,
  page_count: optionalNumber,
  credit_used: optionalNumber,
  merge_tables: z.boolean().nullish().catch(null),
  created_at: optionalText,
  started_at: optionalText,
  finished_at: optionalText,
});

export const KNOWN_STATES = [
  "Starting",
  "AwaitingUpload",
  "Queued",
  "Processing",
  "Succeeded",
  "Failed",
  "Cancelled",
] as const;

/** A state of the service. One that is not listed is treated as not final. */
export type JobState = (typeof KNOWN_STATES)[number] | (string & {});

/** Where a parse job stands. What the service did not say is `null`. */
export interface JobStatus {
  jobId: string;
  state: JobState;
  /** Whether this package knows the state. */
  known: boolean;
  /** Whether the state can still change. */
  final: boolean;
  /** Why the job failed, or other news. */
  message: string | null;
  fileName: string | null;
  pageCount: number | null;
  creditsUsed: number | null;
  /** Whether the job was parsed with `merge_tables`, so that its result can be read with tables merged. */
  mergeTables: boolean | null;
  /** ISO 8601. */
  createdAt: string | null;
  /** ISO 8601. */
  startedAt: string | null;
  /** ISO 8601. */
  finishedAt: string | null;
}

const BY_FOLDED_NAME: ReadonlyMap<string, JobState> = new Map([
  ...KNOWN_STATES.map((state): [string, JobState] => [state.toLowerCase(), state]),
  ["completed", "Succeeded"],
]);

/**
 * Converts the name of a state to the one in {@link KNOWN_STATES}: the service writes some in lower case, and
 * `completed` for `Succeeded`. A state that is not listed is kept as it came.
 */
export const normalizeState = (state: string): JobState => BY_FOLDED_NAME.get(state.toLowerCase()) ?? state;

const FINAL: ReadonlySet<string> = new Set(["Succeeded", "Failed", "Cancelled"]);
const KNOWN: ReadonlySet<string> = new Set(KNOWN_STATES);

/** Whether a job in this state is known to be still at work: its result, if there is any, is not whole. */
export const isUnfinished = (state: string): boolean => KNOWN.has(state) && !FINAL.has(state);

/** Reads an answer of the service. @throws UnsiloedError `INVALID_RESULT`, naming the field */
export const readAnswer = <S extends z.ZodType>(schema: S, answer: unknown, what: string): z.output<S> => {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new UnsiloedError("INVALID_RESULT", `${what}: ${describeIssue(parsed.error, answer)}`);
};

/** @param apiKey never to be shown, also where the service says it */
export const readStatus = (jobId: string, answer: unknown, apiKey?: string): JobStatus => {
  const status = readAnswer(statusSchema, answer, `status of job ${jobId}`);
  const state = normalizeState(status.status);
  return {
    jobId,
    state,
    known: KNOWN.has(state),
    final: FINAL.has(state),
    message: status.message == null ? null : redact(plainReason(status.message), apiKey),
    fileName: status.file_name ?? null,
    pageCount: status.page_count ?? null,
    creditsUsed: status.credit_used ?? null,
    mergeTables: status.merge_tables ?? null,
    createdAt: status.created_at ?? null,
    startedAt: status.started_at ?? null,
    finishedAt: status.finished_at ?? null,
  };
};
