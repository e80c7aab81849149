import type { z } from "zod";
import type { SubmissionObserver } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { ParseHttp } from "../http/parse-http.js";
import { sendingMs } from "../http/time-limit.js";
import { presignedSchema, readAnswer, submittedSchema } from "../job-status.js";
import { redact } from "../redact.js";
import { piiBlocked } from "./blocked.js";
import type { Dialect } from "./dialects.js";
import type { OpenedFile } from "./file-input.js";
import type { DocumentToSubmit } from "./request-checks.js";
import { toFormFields, toUploadBody } from "./request-encoding.js";
import type { SubmitCall } from "./request-fields.js";
import { type CurrentRequest, namesStrategy } from "./request-names.js";
import type { UploadTarget } from "./upload.js";

/** A job that was made. */
export interface Submission {
  jobId: string;
  fileName: string | null;
  /** Credits the job cost, where the service says. */
  creditsUsed: number | null;
  /** Credits left in the account, where the service says. */
  quotaRemaining: number | null;
  /** How the document went: in the form, by its URL, or through a presigned upload. */
  via: "file" | "url" | "upload";
}

/** The published form of the API that the service follows, once its answers have shown it. */
export interface KnownDialect {
  dialect?: Dialect;
}

interface SubmitContext {
  http: ParseHttp;
  /** Never to be shown, also where the service says it. */
  apiKey: string;
  known: KnownDialect;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  observer?: SubmissionObserver | undefined;
}

/** How a document is sent: by which call, and in which form of the API as far as it is known. */
interface Attempt {
  call: SubmitCall;
  dialect: Dialect | undefined;
}

const PATHS: Readonly<Record<SubmitCall, string>> = {
  parse: "/parse",
  excel: "/parse/excel",
  upload: "/v2/parse/upload",
};

/** No refusal leads to more than these: workbooks belong elsewhere, and there the names are others. */
const MAX_ATTEMPTS = 3;

/** Finds the attempt that a refusal suggests, where it shows that the service follows another form than expected. */
const nextAttempt = (
  { code, context: { status, serviceCode } }: UnsiloedError,
  { call, dialect }: Attempt,
  request: CurrentRequest,
): Attempt | undefined => {
  if (call === "excel" && (status === 404 || status === 405)) return { call: "parse", dialect: "2026-03" };
  if (call === "parse" && serviceCode === "excel_not_supported_here")
    return { call: "excel", dialect: "2026-09" };
  const mayBeOlder = dialect === undefined && code === "BAD_REQUEST" && status === 400;
  return mayBeOlder && namesStrategy(request, "VLM") ? { call, dialect: "2026-03" } : undefined;
};

/**
 * Submits a document in the form that the service is known to follow, else in that of September 2026, and once more in
 * the other where a refusal shows it. A refused submission was not accepted, so nothing is paid for twice.
 */
const inKnownForm = async <T>(
  known: KnownDialect,
  call: SubmitCall,
  request: CurrentRequest,
  send: (attempt: Attempt) => Promise<T>,
): Promise<T> => {
  const isOlder = call === "excel" && known.dialect === "2026-03";
  let attempt: Attempt = { call: isOlder ? "parse" : call, dialect: known.dialect };
  for (let left = MAX_ATTEMPTS; ; left--) {
    try {
      const result = await send(attempt);
      const shown = attempt.call === "excel" ? "2026-09" : attempt.dialect;
      if (shown) known.dialect = shown;
      return result;
    } catch (thrown) {
      const next = thrown instanceof UnsiloedError ? nextAttempt(thrown, attempt, request) : undefined;
      if (!next || left === 1) throw thrown;
      attempt = next;
    }
  }
};

/** Reads an accepted answer, which may still not say which job it is of. */
const readAccepted = <S extends z.ZodType>(schema: S, answer: unknown, source: string): z.output<S> => {
  const what = `submitting ${source}`;
  try {
    return readAnswer(schema, answer, what);
  } catch (cause) {
    throw new UnsiloedError(
      "SUBMISSION_UNKNOWN",
      `${what}: the service accepted it but its answer names no job; it is not sent again`,
      { cause, source },
    );
  }
};

/** Sends a submission. @returns the answer, as JSON */
const post = (
  { http, apiKey, timeoutMs, signal, observer }: SubmitContext,
  call: SubmitCall,
  body: FormData | string,
  source: string,
): Promise<unknown> => {
  const what = `submitting ${source}`;
  return http.json({
    method: "POST",
    path: PATHS[call],
    body,
    kind: "submit",
    timeoutMs,
    signal,
    observer,
    refusalIn: (answer) => piiBlocked(answer, what, apiKey),
    what,
    context: { source },
  });
};

/** Submits a form with the options and either the file or its address. */
const submitForm = async (
  context: SubmitContext,
  document: DocumentToSubmit,
  request: CurrentRequest,
  content: { source: string; via: "file" | "url"; addTo(form: FormData): void },
): Promise<Submission> => {
  const { source, via } = content;
  const json = await inKnownForm(context.known, document.call, request, ({ call, dialect }) => {
    const form = new FormData();
    for (const [name, text] of toFormFields(request, call, dialect)) form.set(name, text);
    content.addTo(form);
    return post(context, call, form, source);
  });
  const answer = readAccepted(submittedSchema, json, source);
  return {
    jobId: answer.job_id,
    fileName: answer.file_name ?? null,
    creditsUsed: answer.credit_used ?? null,
    quotaRemaining: answer.quota_remaining ?? null,
    via,
  };
};

/** `POST /parse` or `POST /parse/excel` with the file in the form. */
export const submitInForm = async (
  context: SubmitContext,
  file: OpenedFile,
  document: DocumentToSubmit,
  request: CurrentRequest,
): Promise<Submission> => {
  const { name, bytes } = file;
  const content = await file.read();
  const timeoutMs = context.timeoutMs + sendingMs(bytes);
  const addTo = (form: FormData) => form.set("file", content, name);
  return submitForm({ ...context, timeoutMs }, document, request, { source: name, via: "file", addTo });
};

/** `POST /parse` or `POST /parse/excel` with the address of the document. */
export const submitAddress = (
  context: SubmitContext,
  url: URL,
  document: DocumentToSubmit,
  request: CurrentRequest,
): Promise<Submission> => {
  const addTo = (form: FormData) => form.set("url", url.href);
  return submitForm(context, document, request, { source: redact(url.href), via: "url", addTo });
};

/**
 * `POST /v2/parse/upload`: makes the job and says where its file goes.
 *
 * @param lifeSeconds how long the address of the upload has to work
 */
export const presign = async (
  context: SubmitContext,
  fileName: string,
  request: CurrentRequest,
  lifeSeconds: number,
): Promise<UploadTarget> => {
  const json = await inKnownForm(context.known, "upload", request, ({ call, dialect }) => {
    const expires_in =
      dialect === "2026-03" ? request.expires_in : addressLife(request.expires_in, lifeSeconds);
    const body = toUploadBody({ ...request, expires_in }, fileName, dialect);
    return post(context, call, JSON.stringify(body), fileName);
  });
  const answer = readAccepted(presignedSchema, json, fileName);
  return {
    jobId: answer.job_id,
    url: answer.upload_url,
    method: answer.upload_method ?? "PUT",
    headers: answer.upload_headers ?? {},
  };
};

/** Presigned addresses work for about an hour when nothing else is asked for. */
const USUAL_LIFE_SECONDS = 3_600;

/** A service of the form of March 2026 takes the time for that of job and result, so it must not be short. */
const LONG_LIFE_SECONDS = 86_400;

/** Returns the life to ask for: what the user wants, but never shorter than the upload may take. */
const addressLife = (wanted: number | undefined, needed: number): number | undefined => {
  if (wanted !== undefined) return Math.max(wanted, needed);
  return needed > USUAL_LIFE_SECONDS ? Math.max(needed, LONG_LIFE_SECONDS) : undefined;
};
