import { Alarm } from "../../internal/async/alarm.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { FifoQueue } from "../../internal/async/fifo-queue.js";

/**
 * What a request is for: `submit` costs credits, `fetch` gets a result, `status` asks for a status of which nothing is
 * known yet or that the caller wants now, `poll` asks once more for a job that is waited for.
 */
export type RequestKind = "submit" | "fetch" | "status" | "poll";

/** Permission to send one request. Its holder must say when the service has answered, or that it was not sent. */
export interface Permit {
  /** The service answered, or the request failed. Only the first call counts. */
  answered(): void;
  /** The service answered that calls come too fast. @param retryAfterMs how long it asked to wait, if it did */
  tooFast(retryAfterMs?: number): void;
  /** Nothing was sent. */
  unused(): void;
}

/** Documented for `POST /parse`, and taken for all calls together, since no figure is stated for the others. */
export const DEFAULT_RATE = { requests: 60, windowMs: 60_000 };

/** Who goes first: a result can expire, and a job that is submitted late ends late. */
const PRIORITY: readonly RequestKind[] = ["fetch", "submit", "status", "poll"];
/** How often requests of a kind let those of a higher priority pass. */
const MAX_PASSED: Readonly<Record<RequestKind, number>> = { fetch: 3, submit: 3, status: 1, poll: 1 };
/** What share of the window may be used at once; the rest goes at an even pace. Most polls at once are of no use. */
const AT_ONCE: Readonly<Record<RequestKind, number>> = {
  fetch: 1 / 2,
  submit: 1 / 2,
  status: 1 / 2,
  poll: 1 / 6,
};
/** How long all calls pause when the service says "too fast" but not for how long. */
const DEFAULT_PAUSE_MS = 1_000;
/** One burst of refusals lowers the limit to no less than this share: the refusal may be due to others who use the key. */
const LOWEST_SHARE = 0.25;
/** How many windows must pass without a refusal before more is tried, and the most this may grow to. */
const QUIET_WINDOWS = { first: 5, most: 60 };
/** How much more is tried. */
const RAISE = 0.1;

interface Sent {
  /** When the answer came. */
  at: number;
  refused: boolean;
}

export interface RateLimiterOptions {
  /** @default 60 */
  requests?: number | undefined;
  /** @default 60000 */
  windowMs?: number | undefined;
  clock?: Clock | undefined;
}

/**
 * Lets through at most `requests` calls of all kinds in any `windowMs`.
 *
 * **Window.** A call takes its place when it is let through and gives it back one window after its *answer*: the
 * service counted it at some moment between, so however long calls are on their way, the service never sees more than
 * the limit in any window of its own. Half of the window may be used at once, of polls a sixth, which suits a few jobs;
 * the rest goes at an even pace of one call each `windowMs / limit`, so that polls are not bunched for ever after.
 *
 * **Priority.** Fetch before submit before look before poll, first come first served within a kind. Nobody starves: a
 * kind that let others pass often enough goes first, polls after one call, submissions and fetches after three. So
 * polls that wait get at least one call in three, beside submissions alone every other.
 *
 * **Refusals.** A 429 "Rate limit exceeded" pauses all calls for its `Retry-After`, else one second, and lowers the
 * limit to what was accepted in the window before it (calls still on their way count as accepted, and are counted out
 * when they are refused too), though by one burst of refusals to no less than a quarter. After five windows without
 * a refusal a tenth more is tried, at least one call, and so on up to `requests`; each refusal that follows such an
 * attempt doubles the quiet time asked for, up to sixty windows.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #lines: Readonly<Record<RequestKind, FifoQueue<Permit>>>;
  readonly #passed: Record<RequestKind, number> = { fetch: 0, submit: 0, status: 0, poll: 0 };
  #most: number;
  #windowMs: number;
  #limit: number;
  /** Calls let through and not answered. */
  #inFlight = 0;
  /** Calls answered within the window, in the order of their answers. */
  #sent: Sent[] = [];
  #granted = 0;
  #lastGrantAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Refusals of calls up to this one belong to one burst, which lowers the limit to no less than `#floor`. */
  #burst = { upTo: 0, floor: 1 };
  #quietWindows = QUIET_WINDOWS.first;
  #raiseAt = Number.POSITIVE_INFINITY;
  #raised = false;

  constructor({ requests, windowMs, clock = systemClock }: RateLimiterOptions = {}) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
    const queue = () => new FifoQueue<Permit>(() => this.#pump());
    this.#lines = { fetch: queue(), submit: queue(), status: queue(), poll: queue() };
    this.#most = requests ?? DEFAULT_RATE.requests;
    this.#windowMs = windowMs ?? DEFAULT_RATE.windowMs;
    this.#limit = this.#most;
  }

  /** Calls allowed in a window at present. */
  get limit(): number {
    return this.#limit;
  }

  /** The time between calls at an even pace, in milliseconds. */
  get paceMs(): number {
    return this.#windowMs / this.#limit;
  }

  /** Sets a new limit and forgets what refusals showed. */
  configure(requests: number, windowMs: number): void {
    if (requests === this.#most && windowMs === this.#windowMs) return;
    this.#most = requests;
    this.#windowMs = windowMs;
    this.#limit = requests;
    this.#raiseAt = Number.POSITIVE_INFINITY;
    this.#pump();
  }

  /** Resolves when a call of this kind may be sent. @throws UnsiloedError `ABORTED` */
  async acquire(kind: RequestKind, signal?: AbortSignal): Promise<Permit> {
    return this.#lines[kind].wait(signal);
  }

  /** Lets nothing through for so long; the longest pause asked for counts. */
  pause(ms: number = DEFAULT_PAUSE_MS): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms);
    this.#pump();
  }

  #pump(): void {
    for (let kind = this.#next(); ; kind = this.#next()) {
      const now = this.#clock.now();
      // Without a time nobody waits, or the next answer pumps again.
      const freeAt = kind ? this.#freeAt(kind, now) : Number.POSITIVE_INFINITY;
      if (!kind || freeAt > now) {
        this.#alarm.set(freeAt, () => this.#pump());
        return;
      }
      for (const other of PRIORITY)
        this.#passed[other] = other === kind || this.#lines[other].length === 0 ? 0 : this.#passed[other] + 1;
      this.#lines[kind].grantFirst(this.#grant(now));
    }
  }

  /** The kind whose turn it is. */
  #next(): RequestKind | undefined {
    const waiting = PRIORITY.filter((kind) => this.#lines[kind].length > 0);
    return waiting.find((kind) => this.#passed[kind] >= MAX_PASSED[kind]) ?? waiting[0];
  }

  /** When the next call may be sent; infinite when only an answer can tell. */
  #freeAt(kind: RequestKind, now: number): number {
    this.#sent = this.#sent.filter(({ at }) => at > now - this.#windowMs);
    if (now >= this.#raiseAt) this.#raise(now);
    const used = this.#inFlight + this.#sent.length;
    const spare = this.#sent[used - this.#limit];
    const room = used < this.#limit ? now : spare ? spare.at + this.#windowMs : Number.POSITIVE_INFINITY;
    const pace = used < this.#limit * AT_ONCE[kind] ? now : this.#lastGrantAt + this.paceMs;
    return Math.max(room, pace, this.#pausedUntil);
  }

  #grant(now: number): Permit {
    const number = ++this.#granted;
    const sent: Sent = { at: now, refused: false };
    let inFlight = true;
    this.#lastGrantAt = now;
    this.#inFlight++;
    const settle = (): boolean => {
      if (!inFlight) return false;
      inFlight = false;
      this.#inFlight--;
      return true;
    };
    return {
      answered: () => {
        if (!settle()) return;
        sent.at = this.#clock.now();
        this.#sent.push(sent);
        this.#pump();
      },
      tooFast: (retryAfterMs) => {
        sent.refused = true;
        this.#lowerLimit(number);
        this.pause(retryAfterMs);
      },
      unused: () => {
        if (settle()) this.#pump();
      },
    };
  }

  #lowerLimit(number: number): void {
    const now = this.#clock.now();
    if (number > this.#burst.upTo) {
      this.#burst = { upTo: this.#granted, floor: Math.ceil(this.#limit * LOWEST_SHARE) };
      if (this.#raised) this.#quietWindows = Math.min(this.#quietWindows * 2, QUIET_WINDOWS.most);
      this.#raised = false;
    }
    const recent = this.#sent.filter(({ at, refused }) => at > now - this.#windowMs && !refused);
    this.#limit = Math.min(this.#limit, Math.max(recent.length + this.#inFlight, this.#burst.floor));
    this.#raiseAt = now + this.#quietWindows * this.#windowMs;
  }

  #raise(now: number): void {
    this.#limit = Math.min(this.#most, this.#limit + Math.max(1, Math.floor(this.#limit * RAISE)));
    this.#raised = true;
    const done = this.#limit === this.#most;
    this.#raiseAt = done ? Number.POSITIVE_INFINITY : now + this.#quietWindows * this.#windowMs;
  }
}
