import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { UnsiloedError } from "../../errors.js";
import { showUrl } from "../redact.js";
import type { AllowedAddress } from "./safe-address.js";

/** A document as it is streamed. */
export interface FileContent {
  bytes: number;
  /** Can be called once for every try. */
  stream(): AsyncIterable<Uint8Array>;
}

export interface PutRequest {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  content: FileContent;
  signal: AbortSignal;
}

interface PutAnswer {
  status: number;
  text: string;
  location: string | undefined;
}

const MAX_REDIRECTS = 3;

const putOnce = (
  { method, headers, content, signal }: PutRequest,
  { url, lookup }: AllowedAddress,
): Promise<PutAnswer> =>
  new Promise((resolve, reject) => {
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = open(url, {
      method,
      headers: { ...headers, "content-length": String(content.bytes) },
      signal,
      // A connection of a pool may have been made without the check of its address.
      ...(lookup && { lookup, agent: false }),
    });
    let answered = false;
    const fail = (error: unknown) => {
      // Storage that refuses a file answers and hangs up before it has read it all: the answer is what counts.
      if (!answered) reject(error);
    };
    request.once("response", (response) => {
      answered = true;
      const { statusCode: status = 0, headers: received } = response;
      const finish = (body: string) => {
        resolve({ status, text: body, location: received.location });
        if (!request.writableFinished) request.destroy();
      };
      text(response).then(finish, () => finish(""));
    });
    request.on("error", fail);
    pipeline(content.stream(), request).catch(fail);
  });

/**
 * Puts a file, holding only a few pieces of it at a time. Node's `fetch` is of no use here: it reads a body as fast
 * as the disk gives it, whatever the network takes, and so ends up with the whole file in memory.
 *
 * @param allow throws at an address the file may not go to, redirects included
 */
export const putFile = async (
  request: PutRequest,
  allow: (to: URL) => AllowedAddress,
): Promise<{ status: number; text: string }> => {
  let { url } = request;
  for (let hops = 0; ; hops++) {
    const answer = await putOnce(request, allow(url));
    const { status, location } = answer;
    if ((status !== 307 && status !== 308) || location === undefined) return answer;
    const to = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (!to || hops >= MAX_REDIRECTS)
      throw new UnsiloedError(
        "UPLOAD_FAILED",
        `redirected to ${to ? showUrl(to) : "nowhere"}, which is not followed`,
      );
    url = to;
  }
};
