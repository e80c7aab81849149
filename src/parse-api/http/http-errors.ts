import { addContext, type ErrorContext, messageOf, UNKNOWN_ADVICE, UnsiloedError } from "../../errors.js";
import { parseRetryAfter } from "../../internal/async/retry-after.js";
import { readErrorBody, withoutStatus } from "../../internal/http/error-body.js";
import { readProxies } from "../../internal/http/proxy.js";
import { redact } from "../redact.js";
import { codeOf, whyNotSent } from "./network-errors.js";

/** What a request was about, for the error it may end in. */
export interface CallInfo {
  /** Such as `submitting report.pdf` or `asking for job 04a7`. */
  what: string;
  context: ErrorContext;
  /** Whether the request costs credits when it is accepted, and so must not be sent twice. */
  submission: boolean;
  /** Never to be shown. */
  apiKey: string;
}

/** An answer that is not a success. */
export interface RefusedAnswer {
  status: number;
  retryAfter: string | undefined;
  text: string;
  /** Milliseconds since the epoch, to read a date in `Retry-After`. */
  now: number;
}

/** Status of an error for a web page where JSON was expected, which HTTP counts as a success. */
export const PAGE_STATUS = 200;

/** How long to wait when the queue is full and the service does not say. Its documented answers say 20 seconds. */
const QUEUE_FULL_WAIT_MS = 20_000;

const unknownOutcome = (
  call: CallInfo,
  reason: string,
  context: ErrorContext,
  cause?: unknown,
): UnsiloedError =>
  new UnsiloedError(
    "SUBMISSION_UNKNOWN",
    `${call.what}: the outcome is unknown (${reason}). ${UNKNOWN_ADVICE}`,
    { ...context, cause },
  );

/** The error for an answer of the service. The one place that gives HTTP statuses a meaning. */
export const answerError = (answer: RefusedAnswer, call: CallInfo): UnsiloedError => {
  const { status, now } = answer;
  const body = readErrorBody(answer.text, now);
  const reason = redact(withoutStatus(body.reason, status), call.apiKey);
  const said = reason ? `${status}: ${reason}` : `${status}`;
  const serviceCode = body.code && redact(body.code, call.apiKey);
  const context: ErrorContext = { ...call.context, status, ...(serviceCode && { serviceCode }) };
  const retryAfterMs = parseRetryAfter(answer.retryAfter, now) ?? body.retryAfterMs;
  const waiting = { ...context, ...(retryAfterMs !== undefined && { retryAfterMs }), retryable: true };

  const { jobId } = call.context;
  if (status === 403 && jobId !== undefined)
    return new UnsiloedError(
      "JOB_FORBIDDEN",
      `job ${jobId} is not open to this API key (${said}): it may belong to another account`,
      context,
    );

  switch (status) {
    case 401:
    case 403:
      return new UnsiloedError(
        "UNAUTHORIZED",
        `the service refused the API key (${said}); check UNSILOED_API_KEY or the apiKey option`,
        context,
      );
    case 402:
      return new UnsiloedError("OUT_OF_CREDITS", `${call.what}: out of credits (${said})`, context);
    case 404:
      return jobId === undefined
        ? new UnsiloedError("BAD_REQUEST", `${call.what}: no such call (${said}); check baseUrl`, context)
        : new UnsiloedError(
            "JOB_NOT_FOUND",
            `job ${jobId} is not known to the service (${said}): the id is wrong, the job has expired, or it belongs to another account`,
            context,
          );
    case 413:
      return new UnsiloedError("FILE_TOO_LARGE", `${call.what}: the file is too large (${said})`, context);
    case 429:
      return /usage limit/i.test(reason)
        ? new UnsiloedError(
            "USAGE_LIMIT",
            `${call.what}: the account's billing cap is reached (${said})`,
            context,
          )
        : new UnsiloedError("RATE_LIMITED", `${call.what}: calls come too fast (${said})`, waiting);
  }
  if (status === 503 && (retryAfterMs !== undefined || /queue|capacity/i.test(reason)))
    return new UnsiloedError("SERVICE_UNAVAILABLE", `${call.what}: the service is full (${said})`, {
      ...waiting,
      retryAfterMs: retryAfterMs ?? QUEUE_FULL_WAIT_MS,
    });
  if (status >= 500 || status === 408)
    return call.submission
      ? unknownOutcome(call, said, context)
      : new UnsiloedError("SERVICE_UNAVAILABLE", `${call.what}: the service failed (${said})`, waiting);
  if (/unsupported[ _](file|media|mime)/i.test(`${serviceCode} ${reason}`))
    return new UnsiloedError("UNSUPPORTED_FILE", `${call.what}: ${reason}`, context);
  return new UnsiloedError("BAD_REQUEST", `${call.what}: the service refused the request (${said})`, context);
};

/** Whether the service asks to wait rather than failing. */
export const isThrottle = (error: UnsiloedError): boolean =>
  error.code === "RATE_LIMITED" ||
  (error.code === "SERVICE_UNAVAILABLE" && error.context.retryAfterMs !== undefined);

/** Names the proxy among what to check, where the environment names one. */
const viaProxy = (): string => (readProxies() ? " and the proxy that HTTPS_PROXY or HTTP_PROXY names" : "");

/** The error for a request that got no answer, or none that could be read to its end. */
export const failureError = (thrown: unknown, { origin }: URL, call: CallInfo): UnsiloedError => {
  const { context } = call;
  if (thrown instanceof UnsiloedError) {
    const { status = PAGE_STATUS } = thrown.context;
    const interrupted = thrown.code === "SERVICE_UNAVAILABLE" && thrown.retryable && status === PAGE_STATUS;
    if (call.submission && (interrupted || thrown.code === "ABORTED"))
      return unknownOutcome(call, thrown.message, { ...context, ...thrown.context }, thrown);
    if (!interrupted) return addContext(thrown, context);
    const message = `${call.what}: ${thrown.message}`;
    return new UnsiloedError(thrown.code, message, { ...context, cause: thrown.cause, retryable: true });
  }
  const notSent = whyNotSent(thrown);
  if (notSent) {
    const message = `${call.what}: cannot reach ${origin} (${notSent.reason}); check baseUrl (UNSILOED_BASE_URL)${viaProxy()}`;
    const { retryable } = notSent;
    return new UnsiloedError("SERVICE_UNAVAILABLE", message, { ...context, cause: thrown, retryable });
  }
  const reason = codeOf(thrown) ?? redact(messageOf(thrown), call.apiKey);
  if (call.submission) return unknownOutcome(call, `the connection broke: ${reason}`, context, thrown);
  return new UnsiloedError("SERVICE_UNAVAILABLE", `${call.what}: the connection broke (${reason})`, {
    ...context,
    cause: thrown,
    retryable: true,
  });
};
