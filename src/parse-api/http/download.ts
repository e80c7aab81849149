import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { messageOf, UnsiloedError } from "../../errors.js";
import { abortError } from "../../internal/async/clock.js";
import { redact, showUrl } from "../redact.js";
import { readBody } from "./read-body.js";
import { type AddressPolicy, type AllowedAddress, allowAddress } from "./safe-address.js";
import { withTimeLimit } from "./time-limit.js";

export interface GetOptions {
  policy: AddressPolicy;
  limitMs: number;
  signal?: AbortSignal | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

const getOnce = ({ url, lookup }: AllowedAddress, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    // A connection of its own: one of a pool may have been made without the check of its address.
    const request = open(url, { agent: false, signal, ...(lookup && { lookup }) }, resolve);
    request.once("error", reject);
    request.end();
  });

const failed = (url: URL, thrown: unknown): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : redact(messageOf(thrown));
  return new UnsiloedError(
    "SERVICE_UNAVAILABLE",
    `reading ${showUrl(url)}: the connection failed (${code})`,
    {
      cause: thrown,
      retryable: true,
    },
  );
};

/**
 * Reads an address that the service named, without the API key and any other header. The address, and every
 * redirect anew, must be one that `allowAddress` lets through.
 *
 * @throws UnsiloedError `UNSAFE_ADDRESS`, `SERVICE_UNAVAILABLE`, `ABORTED`
 */
export const getAddress = async (
  start: URL,
  { policy, limitMs, signal }: GetOptions,
): Promise<AsyncGenerator<Uint8Array>> => {
  let url = start;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const allowed = allowAddress(url, policy);
    const at = url;
    const answer = await withTimeLimit(limitMs, signal, (limited) => getOnce(allowed, limited)).catch(
      (thrown: unknown) => {
        throw failed(at, thrown);
      },
    );
    const { statusCode: status = 0, headers } = answer;
    if (status === 200) {
      const body: ReadableStream<Uint8Array> = Readable.toWeb(answer);
      return readBody(body, {
        limitMs,
        signal,
        failed: (thrown) => (signal?.aborted ? abortError(signal) : failed(at, thrown)),
      });
    }
    answer.destroy();
    if (!REDIRECTS.has(status) || headers.location === undefined)
      throw new UnsiloedError("SERVICE_UNAVAILABLE", `reading ${showUrl(url)}: answered with ${status}`, {
        status,
        // A new address is asked for with each try: this one may have expired.
        retryable: true,
      });
    if (!URL.canParse(headers.location, url.href))
      throw new UnsiloedError("UNSAFE_ADDRESS", `${showUrl(url)} redirects to an unreadable address`);
    url = new URL(headers.location, url);
  }
  throw new UnsiloedError("SERVICE_UNAVAILABLE", `${showUrl(start)}: more than ${MAX_REDIRECTS} redirects`);
};
