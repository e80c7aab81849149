import type { RequestKind } from "./call-window.js";

/** Documented for `POST /parse`, and taken for all calls together, since no figure is stated for the others. */
export const DEFAULT_RATE = { requests: 60, windowMs: 60_000 };

/** How long all calls pause when the service says "too fast" but not for how long. */
export const DEFAULT_PAUSE_MS = 1_000;
/** What share of the window may be used at once; the rest goes at an even pace. Most polls at once are of no use. */
const AT_ONCE: Readonly<Record<RequestKind, number>> = {
  fetch: 1 / 2,
  submit: 1 / 2,
  status: 1 / 2,
  poll: 1 / 6,
};
/** One burst of refusals lowers the limit to no less than this share: the refusal may be due to others who use the key. */
const LOWEST_SHARE = 0.25;
/** How many windows must pass without a refusal before more is tried, and the most this may grow to. */
const QUIET_WINDOWS = { first: 5, most: 60 };
/** How much more is tried. */
const RAISE = 0.1;

/** The limit of a key, and what refusals have shown of it. Plain JSON; times are milliseconds since the epoch. */
export interface Rate {
  /** Calls in a window, as configured. */
  requests: number;
  windowMs: number;
  /** Calls in a window at present. */
  limit: number;
  /** Calls let through so far. */
  granted: number;
  /** When the last call was let through, as far as the pace is concerned. */
  pacedAt: number;
  pausedUntil: number;
  /** Refusals of calls up to this one belong to one burst, which lowers the limit to no less than `floor`. */
  burst: { upTo: number; floor: number };
  quietWindows: number;
  /** When more is tried; `null` for never. */
  raiseAt: number | null;
  /** Whether more was tried since the last refusal. */
  raised: boolean;
}

export const newRate = (requests: number, windowMs: number): Rate => ({
  requests,
  windowMs,
  limit: requests,
  granted: 0,
  pacedAt: 0,
  pausedUntil: 0,
  burst: { upTo: 0, floor: 1 },
  quietWindows: QUIET_WINDOWS.first,
  raiseAt: null,
  raised: false,
});

/** Changes the configured limit and forgets what refusals showed. @returns whether it is another one */
export const configureRate = (rate: Rate, requests: number, windowMs: number): boolean => {
  if (requests === rate.requests && windowMs === rate.windowMs) return false;
  Object.assign(rate, { requests, windowMs, limit: requests, raiseAt: null });
  return true;
};

export const paceOf = ({ windowMs, limit }: Rate): number => windowMs / limit;

/** The places of a window that are taken. */
export interface UsedPlaces {
  /** How many are taken, those of calls without an answer included. */
  used: number;
  /** When places become free, in order. Calls without an answer that are not in it make it infinite. */
  freeTimes: readonly number[];
}

/** Returns when the next call of a kind may be sent, after trying more if it is time for that. */
export const nextCallAt = (
  rate: Rate,
  kind: RequestKind,
  { used, freeTimes }: UsedPlaces,
  now: number,
): number => {
  if (rate.raiseAt !== null && now >= rate.raiseAt) raise(rate, now);
  const room = used < rate.limit ? now : (freeTimes[used - rate.limit] ?? Number.POSITIVE_INFINITY);
  const pace = used < rate.limit * AT_ONCE[kind] ? now : rate.pacedAt + paceOf(rate);
  return Math.max(room, pace, rate.pausedUntil);
};

/**
 * Counts a call that is let through.
 *
 * @param lateMs how much of the time by which calls went later than their pace may be made up for, in milliseconds
 * @returns its number
 */
export const countCall = (rate: Rate, now: number, lateMs = 0): number => {
  rate.pacedAt = Math.max(now - lateMs, Math.min(now, rate.pacedAt + paceOf(rate)));
  return ++rate.granted;
};

/** Learns from a refusal. @param accepted calls in the window that were not refused, those without an answer included */
export const learnRefusal = (rate: Rate, number: number, accepted: number, now: number): void => {
  if (number > rate.burst.upTo) {
    rate.burst = { upTo: rate.granted, floor: Math.ceil(rate.limit * LOWEST_SHARE) };
    if (rate.raised) rate.quietWindows = Math.min(rate.quietWindows * 2, QUIET_WINDOWS.most);
    rate.raised = false;
  }
  rate.limit = Math.min(rate.limit, Math.max(accepted, rate.burst.floor));
  rate.raiseAt = now + rate.quietWindows * rate.windowMs;
};

export const pauseUntil = (rate: Rate, time: number): void => {
  rate.pausedUntil = Math.max(rate.pausedUntil, time);
};

const raise = (rate: Rate, now: number): void => {
  rate.limit = Math.min(rate.requests, rate.limit + Math.max(1, Math.floor(rate.limit * RAISE)));
  rate.raised = true;
  rate.raiseAt = rate.limit === rate.requests ? null : now + rate.quietWindows * rate.windowMs;
};
