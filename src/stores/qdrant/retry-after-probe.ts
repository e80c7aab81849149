import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Published by undici, which the Qdrant client sends its requests with, when the head of an answer is in. */
const ANSWER_HEAD = "undici:request:headers";

/** Carries the id by which an answer is told from those of other requests. */
export const REQUEST_ID_HEADER = "x-request-id";

interface AnswerHead {
  status: number;
  retryAfter: string | undefined;
}

const at = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

const headerOf = (headers: unknown, name: string): string | undefined => {
  if (!Array.isArray(headers)) return undefined;
  const found = headers.findIndex((text, index) => index % 2 === 0 && String(text).toLowerCase() === name);
  return found < 0 ? undefined : String(headers[found + 1]);
};

/**
 * Listens for the head of one answer.
 *
 * The client keeps no more of `Retry-After` than its first character: "12" becomes 1, a date becomes an error
 * about a "W". The header is read here instead, on the channel that undici documents for such observers.
 */
export const probeAnswer = (requestId: string): { head: () => AnswerHead | undefined; stop: () => void } => {
  let head: AnswerHead | undefined;
  const listen = (message: unknown): void => {
    if (!String(at(at(message, "request"), "headers")).includes(requestId)) return;
    const response = at(message, "response");
    head = {
      status: Number(at(response, "statusCode")),
      retryAfter: headerOf(at(response, "headers"), "retry-after"),
    };
  };
  subscribe(ANSWER_HEAD, listen);
  return { head: () => head, stop: () => void unsubscribe(ANSWER_HEAD, listen) };
};
