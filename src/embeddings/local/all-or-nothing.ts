import { setMaxListeners } from "node:events";
import { UnsiloedError } from "../../errors.js";
import { abortError, throwIfAborted } from "../../internal/async/clock.js";

/**
 * Runs `work` on every item at once, each with a signal that aborts when the caller's does or when another item
 * fails. Rejects at once in either case, also when some `work` does not heed its signal.
 */
export const allOrNothing = async <T, R>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal | undefined,
): Promise<R[]> => {
  throwIfAborted(signal);
  const stop = new AbortController();
  // One listener for each item is what this signal is for; Node would warn of more than ten.
  setMaxListeners(0, stop.signal);
  const onAbort = () => signal && stop.abort(abortError(signal));
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopped = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener("abort", () => reject(abortError(stop.signal)), { once: true });
  });
  try {
    return await Promise.race([Promise.all(items.map((item) => work(item, stop.signal))), stopped]);
  } catch (thrown) {
    stop.abort(new UnsiloedError("ABORTED", "stopped: another part of the same call failed"));
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
};
