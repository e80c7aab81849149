import { messageOf, UnsiloedError } from "../../errors.js";
import { abortError } from "../../internal/async/clock.js";
import { redact, showUrl } from "../redact.js";
import { codeOf } from "./network-errors.js";
import { type AddressPolicy, allowAddress } from "./safe-address.js";
import { readBody, withTimeLimit } from "./time-limit.js";
import type { Transport } from "./transport.js";

export interface DownloadOptions {
  policy: AddressPolicy;
  limitMs: number;
  signal?: AbortSignal | undefined;
}

const connectionError = (url: URL, thrown: unknown): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const reason = codeOf(thrown) ?? redact(messageOf(thrown));
  return new UnsiloedError(
    "SERVICE_UNAVAILABLE",
    `reading ${showUrl(url)}: the connection failed (${reason})`,
    { cause: thrown, retryable: true },
  );
};

/**
 * Reads an address that the service named, without the API key. The address and those it redirects to must be ones
 * that `allowAddress` lets through.
 *
 * @throws UnsiloedError `UNSAFE_ADDRESS`, `SERVICE_UNAVAILABLE`, `ABORTED`
 */
export const download = async (
  transport: Transport,
  url: URL,
  { policy, limitMs, signal }: DownloadOptions,
): Promise<AsyncGenerator<Uint8Array>> => {
  const { status, body } = await withTimeLimit(limitMs, signal, (limited) =>
    transport.send({ method: "GET", url, headers: {}, signal: limited }, (to) => allowAddress(to, policy)),
  ).catch((thrown: unknown) => {
    throw connectionError(url, thrown);
  });
  if (status === 200)
    return readBody(body, {
      limitMs,
      signal,
      failed: (thrown) => (signal?.aborted ? abortError(signal) : connectionError(url, thrown)),
    });
  body.destroy();
  throw new UnsiloedError("SERVICE_UNAVAILABLE", `reading ${showUrl(url)}: answered with ${status}`, {
    status,
    // The next attempt asks for a new address: this one may have expired.
    retryable: true,
  });
};
