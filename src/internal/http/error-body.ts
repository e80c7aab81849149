import { parseRetryAfter } from "../async/retry-after.js";
import { isRecord } from "../objects.js";

/** What the body of an error says. */
export interface ErrorBody {
  /** The reason, in the words of the service; empty where it gave none. */
  reason: string;
  /** Code of the error, such as `task_not_found`, where the service names one. */
  code: string | undefined;
  /** How long to wait, in milliseconds, where the body says so. */
  retryAfterMs: number | undefined;
}

const MAX_REASON = 300;

/** Where a reason stands in an object, the words for people first. */
const REASON_KEYS = [
  "message",
  "msg",
  "error",
  "errors",
  "detail",
  "details",
  "reason",
  "title",
  "error_code",
  "code",
];

/** Deep enough for `{error: {details: [{msg}]}}`. */
const MAX_DEPTH = 4;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Finds the words for people in a JSON value. JSON itself is never one of them. */
const wordsIn = (value: unknown, depth = 0): string => {
  if (typeof value === "string") return value.trim();
  if (depth === MAX_DEPTH || typeof value !== "object" || value === null) return "";
  if (Array.isArray(value)) {
    const all = value.map((item) => wordsIn(item, depth + 1)).filter(Boolean);
    return [...new Set(all)].join("; ");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  // A list of validation errors names the field beside the message.
  const where = fields.get("loc");
  const field = Array.isArray(where) ? where.filter((part) => part !== "body").join(".") : "";
  const words = REASON_KEYS.map((key) => wordsIn(fields.get(key), depth + 1)).find(Boolean) ?? "";
  return [field, words].filter(Boolean).join(": ");
};

const shorten = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, MAX_REASON);

/** Tells whether a text is a web page. */
export const isPage = (text: string): boolean => /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text);

/** Returns the text of a body that is no JSON: itself, or the title of a page that a proxy made, or its words. */
const plainText = (text: string): string =>
  /<title>([^<]*)/i.exec(text)?.[1] ?? (isPage(text) ? text.replace(/<[^>]*>/g, " ") : text);

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const secondsOf = (value: unknown): string | undefined =>
  typeof value === "number" ? String(value) : textOf(value);

/** Leaves out the status that a reason begins with, as the titles of proxies' pages do, where it is said beside it. */
export const withoutStatus = (reason: string, status: number): string =>
  reason.replace(new RegExp(`^${status}(?![\\w%])[\\s:.,-]*`), "");

/** Reads a message that may itself be JSON, such as that of a failed job. */
export const plainReason = (text: string): string => {
  const value = /^\s*[[{"]/.test(text) ? parseJson(text) : undefined;
  return value === undefined ? text : shorten(wordsIn(value));
};

/**
 * Reads the body of an error in any of the forms that services and the proxies before them use: plain text, a JSON
 * string, `{error}`, `{errors}`, `{detail, error_code}`, `{message, retry_after}`, `{error: {code, message}}` or a page of HTML.
 *
 * @param now milliseconds since the epoch, to read a date in `retry_after`
 */
export const readErrorBody = (text: string, now: number): ErrorBody => {
  const body = parseJson(text);
  if (!isRecord(body)) {
    const reason = body === undefined ? plainText(text) : wordsIn(body);
    return { reason: shorten(reason), code: undefined, retryAfterMs: undefined };
  }
  const envelope = isRecord(body["error"]) ? body["error"] : {};
  const details = isRecord(envelope["details"]) ? envelope["details"] : {};
  const wait = [body, envelope, details].map((fields) => secondsOf(fields["retry_after"])).find(Boolean);
  return {
    reason: shorten(wordsIn(body)),
    code: textOf(envelope["code"]) ?? textOf(body["error_code"]) ?? textOf(body["code"]),
    retryAfterMs: parseRetryAfter(wait, now),
  };
};
