import type { APIError } from "openai";
import { type ErrorCode, messageOf, UnsiloedError, type UnsiloedErrorOptions } from "../../../errors.js";
import { parseRetryAfter } from "../../../internal/async/retry-after.js";
import { readErrorBody, withoutStatus } from "../../../internal/http/error-body.js";
import { isRecord, propertyOf } from "../../../internal/objects.js";
import { scrub } from "../../../internal/scrub.js";
import { malformed } from "./response.js";

/** What an error says of the request that failed. */
export interface ServiceContext {
  /** Address of the service. Only its host is shown, as the rest may hold a password. */
  baseURL: string;
  model: string;
  dimensions: number | undefined;
  /** Whether a key was sent. */
  hasKey: boolean;
  /** Removed from every message and cause. */
  secrets: readonly string[];
  now: number;
}

const QUOTA_EXCEEDED = /insufficient_quota|billing_hard_limit/;
const MAX_QUOTE = 300;

/** What OpenAI, vLLM, Text Embeddings Inference, llama.cpp and Ollama say of texts that are too long, alone or together. */
const TOO_LONG =
  /maximum (?:context|input|model|sequence) length|(?:context|input) (?:length|size|window).*exceed|exceeds?.*context|must have less than \d+ (?:tokens|characters)|(?:too (?:long|large) to process)|input is too long|too many tokens/i;

/** What services say of too many texts in a request, with the most that they take. */
const BATCH_LIMIT =
  /(?:maximum|\bmax|at most|(?:larger|greater|more) than|limit)\D{0,40}?(\d+)|(\d+)\D{0,20}(?:is|are) allowed/gi;

/** What they say of it without a number. */
const TOO_MANY = /too many (?:inputs|texts|items|instances|documents|requests in (?:the |one |a )?batch)/i;

/** How a refusal of the format of vectors names it. */
const FORMAT = /encoding[_ ]format|base64/i;

const FORMAT_STATUSES = [400, 422, 500, 501];

/** Recognises an `APIError` by its status, without loading the package. */
const isApiError = (thrown: unknown): thrown is APIError & { status: number } =>
  thrown instanceof Error && "status" in thrown && typeof thrown.status === "number";

/** An answer of a service that is no list of vectors. */
interface Refusal {
  status: number;
  /** The body: a value of JSON or a text. */
  body: unknown;
  headers?: Headers | undefined;
}

const wordsOf = (body: unknown): string =>
  readErrorBody(typeof body === "string" ? body : (JSON.stringify(body) ?? ""), 0).reason;

/** Reads a member such as `code`, which stands in the body or in its member `error`. */
const memberOf = (body: unknown, name: string): unknown => {
  const envelope = propertyOf(body, "error");
  return propertyOf(isRecord(envelope) ? envelope : body, name);
};

const retryAfterOf = (headers: Headers | undefined, now: number): number | undefined => {
  const milliseconds = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  const seconds = Number.isNaN(milliseconds) ? undefined : String(milliseconds / 1000);
  return parseRetryAfter(seconds ?? headers?.get("retry-after"), now);
};

interface Meaning {
  code: ErrorCode;
  message: string;
  retryable?: boolean;
}

/** Says what is often wrong with an address where no embeddings are. */
const addressAdvice = (baseURL: string): string => {
  if (/\/v\d/.test(new URL(baseURL).pathname)) return "check the address";
  return 'check the address; that of most servers ends in "/v1"';
};

const meaningOf = ({ status, body }: Refusal, context: ServiceContext): Meaning => {
  const { model, baseURL, dimensions, hasKey } = context;
  const service = `the embedding service at ${new URL(baseURL).host}`;
  const words = wordsOf(body);
  const quote = `${status} ${scrub(withoutStatus(words, status), context.secrets, MAX_QUOTE) || "without a reason"}`;
  const param = memberOf(body, "param");
  if (status === 401) {
    const action = hasKey
      ? "refused the API key: check OPENAI_API_KEY, or EMBEDDINGS_API_KEY for an address given to --embeddings"
      : "wants an API key: set EMBEDDINGS_API_KEY, or pass apiKey";
    return { code: "UNAUTHORIZED", message: `${service} ${action}` };
  }
  if (status === 403) {
    const who = hasKey ? "this API key" : "a caller without a key";
    return { code: "UNAUTHORIZED", message: `${service} does not allow ${who} to use the model "${model}"` };
  }
  if (status === 404 || status === 405) {
    return {
      code: "INVALID_OPTION",
      message: `model: ${service} has no model "${model}", or no embeddings at this base URL (${quote}); ${addressAdvice(baseURL)}`,
    };
  }
  const isSpent =
    status === 429 && QUOTA_EXCEEDED.test(`${memberOf(body, "code")} ${memberOf(body, "type")}`);
  if (isSpent || status === 402) {
    return {
      code: "USAGE_LIMIT",
      message: `the quota of the account at ${new URL(baseURL).host} is used up: check its plan and billing`,
    };
  }
  if (status === 429) {
    return {
      code: "RATE_LIMITED",
      message: `${service} received too many requests (${quote})`,
      retryable: true,
    };
  }
  const isOfContent = status === 400 || status === 413 || status === 422;
  // Text Embeddings Inference answers 424 when its model fails.
  const isOfServer = status === 424 || status >= 500;
  if ((isOfContent || isOfServer) && TOO_LONG.test(words)) {
    return { code: "INPUT_TOO_LONG", message: `${service} does not take a text as long as this (${quote})` };
  }
  if (status === 501) {
    return { code: "INVALID_OPTION", message: `model: ${service} makes no embeddings with it (${quote})` };
  }
  if (status === 408 || status === 409 || isOfServer) {
    return { code: "SERVICE_UNAVAILABLE", message: `${service} failed (${quote})`, retryable: true };
  }
  const option =
    ["dimensions", "model", "encoding_format"].find((name) => name === param) ??
    (dimensions !== undefined && /\bdimensions?\b/i.test(words) ? "dimensions" : undefined);
  if (isOfContent && option) {
    return { code: "INVALID_OPTION", message: `${option}: refused by ${service} (${quote})` };
  }
  if (isOfContent) return { code: "EMBEDDING_FAILED", message: `${service} refused the texts (${quote})` };
  return { code: "BAD_REQUEST", message: `${service} refused the request (${quote})` };
};

const toError = (refusal: Refusal, context: ServiceContext, options: UnsiloedErrorOptions): UnsiloedError => {
  const { code, message, retryable = false } = meaningOf(refusal, context);
  const retryAfterMs = retryAfterOf(refusal.headers, context.now);
  return new UnsiloedError(code, message, {
    ...options,
    retryable,
    status: refusal.status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
};

/** Converts what a request threw into an error of this package. */
export const toEmbeddingError = (thrown: unknown, context: ServiceContext): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const options: UnsiloedErrorOptions = {};
  // The service may quote the key, and quotes parts of it when it refuses it.
  if (!mayHoldSecret(thrown, context.secrets)) options.cause = thrown;
  if (isApiError(thrown)) {
    const { status, error: body, headers } = thrown;
    return toError({ status, body, headers }, context, options);
  }
  // The whole answer came: one that is cut ends in an error of the connection.
  if (thrown instanceof SyntaxError) return malformed("it is not valid JSON");
  const reason = scrub(reasonOf(thrown), context.secrets, MAX_QUOTE);
  return new UnsiloedError(
    "SERVICE_UNAVAILABLE",
    `the embedding service at ${new URL(context.baseURL).host} could not be reached or closed the connection (${reason})`,
    { ...options, retryable: true },
  );
};

/**
 * Reads an error that a service sent as a success: some gateways put the status into the body, and servers that know no
 * such address answer with a page or a note.
 *
 * @returns `undefined` where the answer says nothing
 */
export const errorInAnswer = (body: unknown, context: ServiceContext): UnsiloedError | undefined => {
  const words = wordsOf(body);
  if (words === "") return undefined;
  const status = Number(memberOf(body, "code") ?? memberOf(body, "status"));
  if (status >= 400 && status < 600) return toError({ status, body }, context, {});
  const quote = scrub(words, context.secrets, MAX_QUOTE);
  return new UnsiloedError(
    "INVALID_OPTION",
    `baseURL: the embedding service at ${new URL(context.baseURL).host} answered without vectors (${quote}); ${addressAdvice(context.baseURL)}`,
  );
};

/** Whether a service refuses the format of the vectors, which some do not know and others do not let be chosen. */
export const refusesFormat = (thrown: unknown): boolean => {
  // An error that was sent as a success has the words of the service in its message.
  if (thrown instanceof UnsiloedError) return FORMAT.test(thrown.message);
  if (!isApiError(thrown) || !FORMAT_STATUSES.includes(thrown.status)) return false;
  return memberOf(thrown.error, "param") === "encoding_format" || FORMAT.test(wordsOf(thrown.error));
};

/**
 * Returns the most texts that a service takes in a request, where it refuses more: the number that it names, else half
 * of what was sent.
 */
export const batchLimitOf = (thrown: unknown, count: number): number | undefined => {
  if (!isApiError(thrown) || ![400, 413, 422].includes(thrown.status)) return undefined;
  const words = wordsOf(thrown.error);
  if (!/batch|inputs|texts|array|list|items|instance/i.test(words) || /token|character/i.test(words))
    return undefined;
  const limits = [...words.matchAll(BATCH_LIMIT)].map(([, limit, allowed]) => Number(limit ?? allowed));
  const named = limits.find((limit) => limit >= 1 && limit < count);
  return named ?? (TOO_MANY.test(words) && count > 1 ? Math.ceil(count / 2) : undefined);
};

/** What services say of all the texts of a request together. */
const TOO_LARGE = /input is too large to process|too many tokens/i;

/** Whether a request was refused for its size, so that each of its texts may be accepted alone. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof UnsiloedError &&
  ((error.code === "EMBEDDING_FAILED" && error.context.status === 413) ||
    (error.code === "INPUT_TOO_LONG" && TOO_LARGE.test(error.message)));

const mayHoldSecret = (thrown: unknown, secrets: readonly string[]): boolean => {
  if (isApiError(thrown) && (thrown.status === 401 || thrown.status === 403)) return true;
  const said = `${messageOf(thrown)} ${isApiError(thrown) ? JSON.stringify(thrown.error) : ""}`;
  return secrets.some((secret) => said.includes(secret));
};

/** Returns the innermost message, because "fetch failed" alone does not say why. */
const reasonOf = (thrown: unknown): string => {
  const messages: string[] = [];
  for (let error = thrown; error instanceof Error && messages.length < 5; error = error.cause) {
    messages.push(error.message || String(propertyOf(error, "code") ?? error.name));
  }
  return messages.at(-1) ?? String(thrown);
};
