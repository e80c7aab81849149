import type { APIError } from "openai";
import { type ErrorCode, messageOf, UnsiloedError, type UnsiloedErrorOptions } from "../../errors.js";
import { parseRetryAfter } from "../../internal/async/retry-after.js";
import { propertyOf } from "../../internal/objects.js";

export interface ServiceContext {
  /** Host of the service, for messages: never the whole URL, which may hold a password. */
  host: string;
  model: string;
  /** Removed from every message and cause. */
  apiKey: string;
  now: number;
}

const QUOTA_EXCEEDED = /insufficient_quota|billing_hard_limit/;
const MAX_QUOTE = 300;

/** Recognises an `APIError` by its status, without loading the package. */
const isApiError = (thrown: unknown): thrown is APIError =>
  thrown instanceof Error && "status" in thrown && typeof thrown.status === "number";

const retryAfterOf = (error: APIError, now: number): number | undefined => {
  const milliseconds = Number.parseFloat(error.headers?.get("retry-after-ms") ?? "");
  const seconds = Number.isNaN(milliseconds) ? undefined : String(milliseconds / 1000);
  return parseRetryAfter(seconds ?? error.headers?.get("retry-after"), now);
};

interface Meaning {
  code: ErrorCode;
  message: string;
  retryable?: boolean;
}

const redact = (text: string, { apiKey }: ServiceContext): string => text.replaceAll(apiKey, "[API key]");

const meaningOf = (error: APIError, context: ServiceContext): Meaning => {
  const { status, code, type, param } = error;
  const { host, model } = context;
  const quote = redact(error.message, context).slice(0, MAX_QUOTE);
  if (status === 401) {
    return {
      code: "UNAUTHORIZED",
      message: `the embedding service at ${host} refused the API key: check OPENAI_API_KEY, or EMBEDDINGS_API_KEY for an address given to --embeddings`,
    };
  }
  if (status === 403) {
    return {
      code: "UNAUTHORIZED",
      message: `the embedding service at ${host} does not allow this API key to use the model "${model}"`,
    };
  }
  if (status === 404) {
    return {
      code: "INVALID_OPTION",
      message: `model: the embedding service at ${host} has no model "${model}", or no embeddings at this base URL (${quote})`,
    };
  }
  if (status === 429 && QUOTA_EXCEEDED.test(`${code} ${type}`)) {
    return {
      code: "USAGE_LIMIT",
      message: `the quota of the account at ${host} is used up: check its plan and billing`,
    };
  }
  if (status === 429) {
    return {
      code: "RATE_LIMITED",
      message: `the embedding service at ${host} received too many requests (${quote})`,
      retryable: true,
    };
  }
  if (status === 408 || status === 409 || Number(status) >= 500) {
    return {
      code: "SERVICE_UNAVAILABLE",
      message: `the embedding service at ${host} failed (${quote})`,
      retryable: true,
    };
  }
  if (param === "dimensions" || param === "model" || param === "encoding_format") {
    return {
      code: "INVALID_OPTION",
      message: `${param}: refused by the embedding service at ${host} (${quote})`,
    };
  }
  if (status === 400 || status === 413 || status === 422) {
    return {
      code: "EMBEDDING_FAILED",
      message: `the embedding service at ${host} refused the texts (${quote})`,
    };
  }
  return { code: "BAD_REQUEST", message: `the embedding service at ${host} refused the request (${quote})` };
};

/** Converts what a request threw into an error of this package. */
export const toEmbeddingError = (thrown: unknown, context: ServiceContext): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const options: UnsiloedErrorOptions = {};
  // The service may quote the key, and quotes parts of it when it refuses it.
  if (!mayHoldKey(thrown, context.apiKey)) options.cause = thrown;
  if (!isApiError(thrown)) {
    const reason = redact(reasonOf(thrown), context);
    return new UnsiloedError(
      "SERVICE_UNAVAILABLE",
      `the embedding service at ${context.host} could not be reached or closed the connection (${reason})`,
      { ...options, retryable: true },
    );
  }
  const { code, message, retryable = false } = meaningOf(thrown, context);
  const retryAfterMs = retryAfterOf(thrown, context.now);
  return new UnsiloedError(code, message, {
    ...options,
    retryable,
    ...(thrown.status !== undefined && { status: thrown.status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
};

const mayHoldKey = (thrown: unknown, apiKey: string): boolean =>
  (isApiError(thrown) && (thrown.status === 401 || thrown.status === 403)) ||
  messageOf(thrown).includes(apiKey);

/** Returns the innermost message, because "fetch failed" alone does not say why. */
const reasonOf = (thrown: unknown): string => {
  const messages: string[] = [];
  for (let error = thrown; error instanceof Error && messages.length < 5; error = error.cause) {
    messages.push(error.message || String(propertyOf(error, "code") ?? error.name));
  }
  return messages.at(-1) ?? String(thrown);
};
