import { type Clock, systemClock } from "../internal/clock.js";

/** What a request is for: `submit` costs credits, `poll` asks for a status, `fetch` gets a result. */
export type RequestKind = "submit" | "poll" | "fetch";

/**
 * Says when a request may be sent. One budget serves all calls for one API key; pass the same one to several
 * clients of the same key.
 */
export interface RequestBudget {
  /** Resolves when a request of this kind may be sent; rejects with code `ABORTED`. */
  acquire(kind: RequestKind, signal?: AbortSignal): Promise<void>;
  /** The service said that calls come too fast. @param retryAfterMs how long it asked to wait, if it did */
  throttled(retryAfterMs?: number): void;
}

export interface WindowLimit {
  requests: number;
  windowMs: number;
}

/** Documented for `POST /parse`: 60 requests in a sliding window of 60 seconds. */
export const SUBMIT_LIMIT: WindowLimit = { requests: 60, windowMs: 60_000 };

/** How long all calls pause when the service says "too fast" but not for how long. */
const DEFAULT_PAUSE_MS = 1_000;

export interface SlidingWindowOptions {
  /** Limits by kind; a kind that is not named has none. @default { submit: 60 in 60 seconds } */
  limits?: Partial<Record<RequestKind, WindowLimit>> | undefined;
  clock?: Clock | undefined;
}

/**
 * Lets through so many requests of a kind in any window of time, and none of any kind while the service has asked
 * for a pause.
 */
export class SlidingWindowBudget implements RequestBudget {
  readonly #limits: Partial<Record<RequestKind, WindowLimit>>;
  readonly #clock: Clock;
  readonly #sent: Record<RequestKind, number[]> = { submit: [], poll: [], fetch: [] };
  #pausedUntil = 0;

  constructor({ limits = { submit: SUBMIT_LIMIT }, clock = systemClock }: SlidingWindowOptions = {}) {
    this.#limits = limits;
    this.#clock = clock;
  }

  async acquire(kind: RequestKind, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      const waitMs = Math.max(this.#pausedUntil - now, this.#windowWait(kind, now));
      if (waitMs <= 0) {
        if (this.#limits[kind]) this.#sent[kind].push(now);
        return;
      }
      await this.#clock.delay(waitMs, signal);
    }
  }

  throttled(retryAfterMs: number = DEFAULT_PAUSE_MS): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + retryAfterMs);
  }

  #windowWait(kind: RequestKind, now: number): number {
    const limit = this.#limits[kind];
    if (!limit) return 0;
    const sent = this.#sent[kind].filter((at) => at > now - limit.windowMs);
    this.#sent[kind] = sent;
    const [oldest] = sent;
    return oldest === undefined || sent.length < limit.requests ? 0 : oldest + limit.windowMs - now;
  }
}
