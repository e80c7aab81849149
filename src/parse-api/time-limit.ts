import { UnsiloedError } from "../errors.js";
import { abortError, throwIfAborted } from "../internal/clock.js";

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
    if (!timedOut) throw cause;
    throw new UnsiloedError("SERVICE_UNAVAILABLE", `no complete answer within ${limitMs / 1000} s`, {
      cause,
      retryable: true,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
};
