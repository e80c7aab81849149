import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../internal/async/clock.js";
import type { ActiveFault } from "../fault-rules.js";

/** A time as the service writes it: RFC 3339 in UTC, with microseconds, or with whole seconds. */
export const isoTime = (ms: number, precision: "microseconds" | "seconds" = "microseconds"): string => {
  const text = new Date(ms).toISOString();
  return precision === "seconds" ? text.replace(/\.\d+Z$/, "Z") : text.replace("Z", "000Z");
};

/** An answer that is still to be sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | AsyncIterable<Buffer>;
  /** Bytes of a streamed body, roughly: where `cut` cuts. */
  roughSize?: number;
}

export const jsonAnswer = (value: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "Content-Type": "application/json", ...headers },
  body: Buffer.from(JSON.stringify(value) ?? "null"),
});

export const textAnswer = (text: string, status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
  body: Buffer.from(text),
});

/** The form of an error whose documented body is bare text. */
export type ErrorForm = "plain" | "json" | "error" | "detail" | "envelope";

export const errorAnswer = (
  text: string,
  status: number,
  form: ErrorForm,
  headers: Record<string, string> = {},
): Answer => {
  switch (form) {
    case "plain":
      return textAnswer(text, status, headers);
    case "json":
      return jsonAnswer(text, status, headers);
    case "error":
      return jsonAnswer({ error: text }, status, headers);
    case "envelope":
      return envelopeAnswer(CODES.get(status) ?? `http_${status}`, text, status, headers);
    case "detail":
      return jsonAnswer({ detail: text, error_code: `HTTP_${status}` }, status, headers);
  }
};

/** Makes an error in the form of September 2026. */
export const envelopeAnswer = (
  code: string,
  message: string,
  status: number,
  headers: Record<string, string> = {},
): Answer =>
  jsonAnswer({ error: { code, message, details: null, request_id: randomUUID() } }, status, headers);

/** Codes that the service documents; others are not known. */
const CODES: ReadonlyMap<number, string> = new Map([[404, "task_not_found"]]);

async function* firstBytes(body: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const piece of body) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

async function* once(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
}

const streamOf = (body: Answer["body"]): AsyncIterable<Buffer> => (Buffer.isBuffer(body) ? once(body) : body);

async function* slowly(
  body: AsyncIterable<Buffer>,
  fault: ActiveFault,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const piece of body) {
    for (let start = 0; start < piece.length; start += fault.pieceBytes) {
      await clock.delay(fault.pieceMs, signal);
      yield piece.subarray(start, start + fault.pieceBytes);
    }
  }
}

const half = (answer: Answer): number =>
  Math.floor((Buffer.isBuffer(answer.body) ? answer.body.length : (answer.roughSize ?? 2)) / 2);

const collect = async (body: AsyncIterable<Buffer>): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** Sends an answer, through the fault if it concerns the body. Rejects when the client goes away. */
export const send = async (
  { response, socket }: { response: ServerResponse; socket: Socket },
  answer: Answer,
  fault: ActiveFault | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  const { body } = answer;
  switch (fault?.fault) {
    case "truncated": {
      const kept = await collect(firstBytes(streamOf(body), half(answer)));
      response.setHeader("Content-Length", kept.length);
      response.end(kept);
      return;
    }
    case "cut": {
      if (Buffer.isBuffer(body)) response.setHeader("Content-Length", body.length);
      await pipeline(Readable.from(firstBytes(streamOf(body), half(answer))), response, {
        end: false,
        signal,
      });
      // An empty write calls back once all before it is handed to the socket.
      await new Promise<void>((resolve) => response.write("", () => resolve()));
      socket.destroySoon();
      return;
    }
    case "slow":
      if (Buffer.isBuffer(body)) response.setHeader("Content-Length", body.length);
      response.flushHeaders();
      await pipeline(Readable.from(slowly(streamOf(body), fault, clock, signal)), response, { signal });
      return;
    default:
      if (Buffer.isBuffer(body)) {
        response.setHeader("Content-Length", body.length);
        response.end(body);
      } else await pipeline(Readable.from(body), response, { signal });
  }
};
