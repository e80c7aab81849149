import { setMaxListeners } from "node:events";
import { UnsiloedError } from "../../errors.js";
import { abortError, throwIfAborted } from "./clock.js";

/**
 * Runs `work` on all items at the same time, each with a signal that aborts when that of the caller does or another item
 * fails. Rejects at once in both cases, even if some `work` ignores its signal.
 */
export const allOrNothing = async <T, R>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal | undefined,
): Promise<R[]> => {
  throwIfAborted(signal);
  const stop = new AbortController();
  // Each item adds a listener on purpose; Node would warn of more than ten.
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
