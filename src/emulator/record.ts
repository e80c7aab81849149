import type { IncomingMessage } from "node:http";
import type { RecordedRequest } from "./context.js";

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
