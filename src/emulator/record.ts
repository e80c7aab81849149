import type { IncomingMessage } from "node:http";
import type { Phase } from "./fault-rules.js";

/** A request as the emulator remembers it. Header values are kept only where they hold no secret. */
export interface RecordedRequest {
  /** `api` is the parse API; `files` the other host, of uploads and output files. */
  server: "api" | "files";
  /** What the request was for; absent when the path means nothing. */
  on?: Phase;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: {
    /** Whether an `api-key` header was sent. */
    apiKey: boolean;
    /** Whether an `authorization` header was sent. */
    authorization: boolean;
    contentType?: string;
    contentLength?: number;
    transferEncoding?: string;
    userAgent?: string;
  };
  /** Milliseconds of the emulator's clock. */
  at: number;
  jobId?: string;
  fileName?: string;
  /** The fault that struck it, `custom` for an answer given by the rule. */
  fault?: string;
  /** Status of the answer; absent when there was none, or not yet. */
  status?: number;
}

/** What is kept of a request: never the value of a secret header. */
export const recordOf = (
  server: RecordedRequest["server"],
  request: IncomingMessage,
  url: URL,
  at: number,
): RecordedRequest => {
  const { headers } = request;
  return {
    server,
    method: request.method ?? "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: {
      apiKey: headers["api-key"] !== undefined,
      authorization: headers.authorization !== undefined,
      ...(headers["content-type"] === undefined ? {} : { contentType: headers["content-type"] }),
      ...(headers["content-length"] === undefined
        ? {}
        : { contentLength: Number(headers["content-length"]) }),
      ...(headers["transfer-encoding"] === undefined
        ? {}
        : { transferEncoding: headers["transfer-encoding"] }),
      ...(headers["user-agent"] === undefined ? {} : { userAgent: headers["user-agent"] }),
    },
    at,
  };
};
