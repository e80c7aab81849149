import type { SubmissionObserver } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { ApiCall, ParseHttp } from "../http/parse-http.js";
import { sendingMs } from "../http/time-limit.js";
import { presignedSchema, readAnswer, submittedSchema } from "../job-status.js";
import { redact } from "../redact.js";
import { piiBlocked } from "./blocked.js";
import type { OpenedFile } from "./file-input.js";
import { toFormFields, toUploadBody } from "./request-encoding.js";
import type { ParseRequest } from "./request-options.js";
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

interface SubmitContext {
  http: ParseHttp;
  /** Never to be shown, also where the service says it. */
  apiKey: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  observer?: SubmissionObserver | undefined;
}

/** The submission was accepted but what came back does not say which job it is. */
const readAccepted = <T>(read: () => T, what: string, source: string): T => {
  try {
    return read();
  } catch (cause) {
    throw new UnsiloedError(
      "SUBMISSION_UNKNOWN",
      `${what}: the service accepted it but its answer names no job; it is not sent again`,
      { cause, source },
    );
  }
};

const submitForm = async (
  { http, apiKey, timeoutMs, signal, observer }: SubmitContext,
  form: FormData,
  via: "file" | "url",
  source: string,
): Promise<Submission> => {
  const what = `submitting ${source}`;
  const call: ApiCall = {
    method: "POST",
    path: "/parse",
    body: form,
    kind: "submit",
    timeoutMs,
    signal,
    observer,
    refusalIn: (answer) => piiBlocked(answer, what, apiKey),
    what,
    context: { source },
  };
  const json = await http.json(call);
  const answer = readAccepted(() => readAnswer(submittedSchema, json, what), what, source);
  return {
    jobId: answer.job_id,
    fileName: answer.file_name ?? null,
    creditsUsed: answer.credit_used ?? null,
    quotaRemaining: answer.quota_remaining ?? null,
    via,
  };
};

const formOf = (request: ParseRequest): FormData => {
  const form = new FormData();
  for (const [name, text] of toFormFields(request)) form.set(name, text);
  return form;
};

/** `POST /parse` with the file in the form. */
export const submitInForm = async (
  context: SubmitContext,
  file: OpenedFile,
  request: ParseRequest,
): Promise<Submission> => {
  const form = formOf(request);
  form.set("file", await file.read(), file.name);
  const timeoutMs = context.timeoutMs + sendingMs(file.bytes);
  return submitForm({ ...context, timeoutMs }, form, "file", file.name);
};

/** `POST /parse` with the address of the document. */
export const submitAddress = (
  context: SubmitContext,
  url: URL,
  request: ParseRequest,
): Promise<Submission> => {
  const form = formOf(request);
  form.set("url", url.href);
  return submitForm(context, form, "url", redact(url.href));
};

/** `POST /v2/parse/upload`: makes the job and says where its file goes. */
export const presign = async (
  { http, apiKey, timeoutMs, signal, observer }: SubmitContext,
  fileName: string,
  request: ParseRequest,
): Promise<UploadTarget> => {
  const what = `submitting ${fileName}`;
  const call: ApiCall = {
    method: "POST",
    path: "/v2/parse/upload",
    body: JSON.stringify(toUploadBody(request, fileName)),
    kind: "submit",
    timeoutMs,
    signal,
    observer,
    refusalIn: (answer) => piiBlocked(answer, what, apiKey),
    what,
    context: { source: fileName },
  };
  const json = await http.json(call);
  const answer = readAccepted(() => readAnswer(presignedSchema, json, what), what, fileName);
  return {
    jobId: answer.job_id,
    url: answer.upload_url,
    method: answer.upload_method ?? "PUT",
    headers: answer.upload_headers ?? {},
  };
};
