import type { z } from "zod";
import { type ErrorContext, messageOf, UnsiloedError } from "../../../errors.js";
import { isPage, readErrorBody, withoutStatus } from "../../../internal/http/error-body.js";
import { propertyOf } from "../../../internal/objects.js";
import { describeIssue } from "../../../internal/options.js";

/** The call that failed, for the message. */
export interface FailedCall {
  /** Address of the server, without secrets. */
  address: string;
  collection: string;
  /** `writing points`, `searching`. */
  action: string;
  /** From the head of the answer, because the client keeps less. */
  status: number | undefined;
  retryAfterMs: number | undefined;
  /** Removed from messages. */
  apiKey: string | undefined;
}

const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504]);

const MAX_TEXT = 500;

/** Refusals of strict mode; some versions answer them as if the key was wrong. */
const STRICT_MODE = /\. Help: /;

/** Refusals of every write, since the collection or the server is full: of strict mode, with 400, or of a quota. */
const FULL =
  /Max (?:points count|vector storage size|payload storage size) limit of .* reached|Resident memory usage is at/;
const INSUFFICIENT_STORAGE = 507;

/** Returns the HTTP status of an error of the client, whose class is not exported. */
const statusOf = (thrown: unknown, call: FailedCall): number | undefined => {
  const status = propertyOf(thrown, "status");
  if (typeof status === "number") return status;
  return call.status !== undefined && call.status >= 300 ? call.status : undefined;
};

/** Returns the message of the server: the error of its envelope, or plain text, as for a 401. */
const serverText = (thrown: unknown, status: number, apiKey: string | undefined): string => {
  const data = propertyOf(thrown, "data");
  const error = propertyOf(propertyOf(data, "status"), "error");
  const text = typeof error === "string" ? error : typeof data === "string" ? data : messageOf(thrown);
  const words = isPage(text) ? readErrorBody(text, 0).reason : text.replace(/\s+/g, " ").trim();
  const line = withoutStatus(words, status).slice(0, MAX_TEXT);
  return apiKey ? line.replaceAll(apiKey, "***") : line;
};

const systemCode = (thrown: unknown): string | undefined => {
  const code = propertyOf(propertyOf(thrown, "cause"), "code") ?? propertyOf(thrown, "code");
  return typeof code === "string" ? code : undefined;
};

const answerError = (thrown: unknown, status: number, call: FailedCall): UnsiloedError => {
  const { address, collection, action, retryAfterMs, apiKey } = call;
  const text = serverText(thrown, status, apiKey);
  const context: ErrorContext & { cause: unknown } = {
    cause: thrown,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  if (status === INSUFFICIENT_STORAGE || FULL.test(text)) {
    return new UnsiloedError(
      "STORE_FULL",
      `Qdrant at ${address} refused ${action} in collection "${collection}": ${text}; delete documents that are no longer needed, raise the limit, or use another collection`,
      context,
    );
  }
  if ((status === 401 || status === 403) && !STRICT_MODE.test(text)) {
    const advice = apiKey ? "check QDRANT_API_KEY" : "set QDRANT_API_KEY";
    return new UnsiloedError(
      "UNAUTHORIZED",
      `Qdrant at ${address} refused ${action}: ${text}; ${advice}`,
      context,
    );
  }
  if (status === 404 && /doesn't exist/i.test(text)) return collectionNotFound(collection, address, thrown);
  if (status === 404) {
    return new UnsiloedError(
      "STORE_REFUSED",
      `${address} answered 404 to ${action}; check that the address and its path are those of Qdrant`,
      context,
    );
  }
  if (RETRYABLE.has(status)) {
    return new UnsiloedError(
      "STORE_UNREACHABLE",
      `Qdrant at ${address} answered ${status} to ${action}: ${text}`,
      { ...context, retryable: true },
    );
  }
  return new UnsiloedError(
    "STORE_REFUSED",
    `Qdrant at ${address} refused ${action} in collection "${collection}" with ${status}: ${text}`,
    context,
  );
};

export const collectionNotFound = (collection: string, address: string, cause?: unknown): UnsiloedError =>
  new UnsiloedError(
    "COLLECTION_NOT_FOUND",
    `there is no collection "${collection}" at ${address}: ingest something into it first, or check the name`,
    { cause, status: 404 },
  );

export const timedOut = (call: FailedCall, timeoutMs: number): UnsiloedError =>
  new UnsiloedError(
    "STORE_UNREACHABLE",
    `Qdrant at ${call.address} did not answer ${call.action} within ${timeoutMs} ms`,
    { retryable: true },
  );

/** Converts what the client throws into an error of this package. */
export const toStoreError = (thrown: unknown, call: FailedCall): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const status = statusOf(thrown, call);
  if (status !== undefined && status >= 400) return answerError(thrown, status, call);
  if (status !== undefined && status >= 300) {
    return new UnsiloedError(
      "STORE_REFUSED",
      `${call.address} answered with a redirect (${status}), which is not followed because it would receive the API key; use the address it leads to`,
      { cause: thrown, status },
    );
  }
  const code = systemCode(thrown);
  // A host with several addresses fails with an AggregateError, whose own message is empty.
  const reason = messageOf(propertyOf(thrown, "cause") ?? thrown) || (code ?? messageOf(thrown));
  return new UnsiloedError(
    "STORE_UNREACHABLE",
    `Qdrant at ${call.address} could not be reached for ${call.action} (${reason}); check that it is running and that the address is right`,
    { cause: thrown, retryable: !(code?.includes("CERT") || code === "EPROTO") },
  );
};

/** Whether another server of the cluster may do what this one could not: it is away, or waits for an election. */
export const isOfNode = (thrown: unknown): thrown is UnsiloedError => {
  if (!(thrown instanceof UnsiloedError) || thrown.code !== "STORE_UNREACHABLE" || !thrown.retryable)
    return false;
  const { status } = thrown.context;
  return status === undefined || status >= 500;
};

/** @param last how the last of the addresses failed */
export const noneAnswered = (addresses: readonly string[], last: UnsiloedError): UnsiloedError =>
  new UnsiloedError(
    last.code,
    `none of the addresses of the cluster can be used (${addresses.join(", ")}); the last error: ${last.message}`,
    { ...last.context, cause: last.cause, retryable: last.retryable },
  );

/**
 * Reads an answer.
 *
 * @throws UnsiloedError `STORE_REFUSED`, naming the field that differs from what was expected
 */
export const readAnswer = <S extends z.ZodType>(schema: S, answer: unknown, action: string): z.output<S> => {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new UnsiloedError(
    "STORE_REFUSED",
    `the answer to ${action} is not one of Qdrant: ${describeIssue(parsed.error, answer)}`,
  );
};

/** Whether a write may succeed in smaller requests; then repeating it as it is does not help. */
export const isTooLarge = (error: UnsiloedError): boolean => {
  const { status, retryAfterMs } = error.context;
  if (status === 413) return true;
  if (status === 400) return /larger than allowed/i.test(error.message);
  // Without a Retry-After, the request is larger than the whole bucket of the rate limiter.
  return status === 429 && retryAfterMs === undefined;
};

/** Whether the connection broke during a request, which is also how a server or proxy refuses one that is too large. */
export const isBrokenConnection = (error: UnsiloedError): boolean =>
  ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(systemCode(error.cause) ?? "");

/** Whether the server refused a payload index because the collection may have no more. */
export const isIndexLimit = ({ message }: UnsiloedError): boolean =>
  /maximum number of payload ind/.test(message);
