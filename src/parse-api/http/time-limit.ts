import { UnsiloedError } from "../../errors.js";
import { abortError, throwIfAborted } from "../../internal/async/clock.js";

export const timeUp = (limitMs: number, cause?: unknown): UnsiloedError =>
  new UnsiloedError("SERVICE_UNAVAILABLE", `no complete answer within ${limitMs / 1000} s`, {
    cause,
    retryable: true,
  });

/** A link of 1 Mbit/s: slower ones run into the time limit. */
const MIN_BYTES_PER_MS = 128;

/** The time that moving so many bytes may add to a request. */
export const sendingMs = (bytes: number): number => Math.ceil(bytes / MIN_BYTES_PER_MS);

/**
 * Gives work a signal that aborts with the caller's or when the time is up. The time is real, not that of an
 * injected clock, because what it limits is real input and output.
 *
 * @throws UnsiloedError `ABORTED`, or `SERVICE_UNAVAILABLE` when the time is up
 */
export const withTimeLimit = async <T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  throwIfAborted(signal);
  const limit = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    limit.abort();
  }, limitMs);
  const onAbort = () => limit.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(limit.signal);
  } catch (cause) {
    if (signal?.aborted) throw abortError(signal);
    throw timedOut ? timeUp(limitMs, cause) : cause;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
};
