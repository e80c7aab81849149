import { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock, throwIfAborted } from "./clock.js";

export interface RetryOptions {
  /** Tries in all, the first included. @default 4 */
  attempts?: number;
  /** Wait before the second try; doubles with each further one. @default 500 */
  baseDelayMs?: number;
  /** The longest wait of our own choosing. @default 30000 */
  maxDelayMs?: number;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined;
  /** Which failures deserve another try. @default those that are `retryable` */
  retryOn?: ((error: UnsiloedError) => boolean) | undefined;
}

/**
 * Runs `attempt` until it succeeds, throws an error that is not worth retrying, or the tries are used up.
 *
 * The server's own timing (`context.retryAfterMs`) beats ours; otherwise the wait is drawn evenly between half
 * and the whole of an exponentially growing one ("equal jitter").
 */
export const retry = async <T>(
  attempt: (number: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> => {
  const { attempts = 4, baseDelayMs = 500, maxDelayMs = 30_000, signal, random = Math.random } = options;
  const clock = options.clock ?? systemClock;
  const retryOn = options.retryOn ?? ((error) => error.retryable);
  for (let number = 1; ; number++) {
    throwIfAborted(signal);
    try {
      return await attempt(number);
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError) || !retryOn(thrown) || number >= attempts) throw thrown;
      const backOff = Math.min(maxDelayMs, baseDelayMs * 2 ** (number - 1)) * (0.5 + random() / 2);
      const waitMs = thrown.context.retryAfterMs ?? backOff;
      await clock.delay(waitMs, signal);
    }
  }
};
