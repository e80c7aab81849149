import { UnsiloedError } from "../../errors.js";

/** Time as the package sees it, so that tests can move it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with code `ABORTED` as soon as `signal` aborts. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

export const abortError = (signal: AbortSignal): UnsiloedError =>
  signal.reason instanceof UnsiloedError
    ? signal.reason
    : new UnsiloedError("ABORTED", "stopped: the caller aborted the operation", { cause: signal.reason });

export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw abortError(signal);
};

const clockOf = (keepsAlive: boolean): Clock => ({
  now: () => Date.now(),
  delay: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        if (signal) reject(abortError(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      if (!keepsAlive) timer.unref();
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
});

export const systemClock: Clock = clockOf(true);

/** The same time, for what a program that has nothing else to do need not wait for. */
export const backgroundClock: Clock = clockOf(false);
