import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { propertyOf } from "../../../internal/objects.js";

/** Channel on which undici, which the Qdrant client uses, publishes the head of each answer. */
const ANSWER_HEAD = "undici:request:headers";

/** Header with the id that assigns an answer to its request. */
export const REQUEST_ID_HEADER = "x-request-id";

interface AnswerHead {
  status: number;
  retryAfter: string | undefined;
}

const headerOf = (headers: unknown, name: string): string | undefined => {
  if (!Array.isArray(headers)) return undefined;
  const found = headers.findIndex((text, index) => index % 2 === 0 && String(text).toLowerCase() === name);
  return found < 0 ? undefined : String(headers[found + 1]);
};

/**
 * Listens for the head of one answer.
 *
 * The client keeps only the first character of `Retry-After`: "12" becomes 1, and a date an error about a "W". So the
 * header is read on the channel that undici documents for observers.
 */
export const probeAnswer = (requestId: string): { head: () => AnswerHead | undefined; stop: () => void } => {
  let head: AnswerHead | undefined;
  const listen = (message: unknown): void => {
    if (!String(propertyOf(propertyOf(message, "request"), "headers")).includes(requestId)) return;
    const response = propertyOf(message, "response");
    head = {
      status: Number(propertyOf(response, "statusCode")),
      retryAfter: headerOf(propertyOf(response, "headers"), "retry-after"),
    };
  };
  subscribe(ANSWER_HEAD, listen);
  return { head: () => head, stop: () => void unsubscribe(ANSWER_HEAD, listen) };
};
