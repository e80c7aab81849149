import { abortError, throwIfAborted } from "./clock.js";

/**
 * Waits for work that cannot be cancelled, or rejects with code `ABORTED` as soon as the signal aborts. The work then
 * continues unobserved; it is not started when the signal has aborted already.
 */
export const untilAborted = async <T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> => {
  throwIfAborted(signal);
  if (!signal) return work();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
};
