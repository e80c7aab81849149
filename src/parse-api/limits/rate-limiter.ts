import { Alarm } from "../../internal/async/alarm.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { FifoQueue } from "../../internal/async/fifo-queue.js";
import type { CallWindow, Permit, RequestKind, Taken } from "./call-window.js";
import { MemoryCallWindow } from "./memory-call-window.js";
import { DEFAULT_PAUSE_MS, DEFAULT_RATE } from "./rate.js";

/** Who goes first: a result can expire, and a job that is submitted late ends late. */
const PRIORITY: readonly RequestKind[] = ["fetch", "submit", "status", "poll"];
/** How often requests of a kind let those of a higher priority pass. */
const MAX_PASSED: Readonly<Record<RequestKind, number>> = { fetch: 3, submit: 3, status: 1, poll: 1 };

export interface RateLimiterOptions {
  /** @default 60 */
  requests?: number | undefined;
  /** @default 60000 */
  windowMs?: number | undefined;
  clock?: Clock | undefined;
  /** Says whether one more call may be sent. @default a window of this process */
  window?: CallWindow | undefined;
}

/**
 * Lets through at most `requests` calls of all kinds in any `windowMs`, and decides who goes next in this process. Whether
 * one more may go, the {@link CallWindow} says: of this process, or one that machines share.
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
  readonly #alarm: Alarm;
  readonly #window: CallWindow;
  readonly #lines: Readonly<Record<RequestKind, FifoQueue<Permit>>>;
  readonly #passed: Record<RequestKind, number> = { fetch: 0, submit: 0, status: 0, poll: 0 };
  /** Whether a window that is kept elsewhere is being asked. */
  #isAsking = false;

  constructor({ requests, windowMs, clock = systemClock, window }: RateLimiterOptions = {}) {
    this.#alarm = new Alarm(clock);
    const queue = () => new FifoQueue<Permit>(() => this.#pump());
    this.#lines = { fetch: queue(), submit: queue(), status: queue(), poll: queue() };
    this.#window =
      window ??
      new MemoryCallWindow(clock, requests ?? DEFAULT_RATE.requests, windowMs ?? DEFAULT_RATE.windowMs);
  }

  /** Calls allowed in a window at present. */
  get limit(): number {
    return this.#window.limit;
  }

  /** The time between calls at an even pace, in milliseconds. */
  get paceMs(): number {
    return this.#window.paceMs;
  }

  /** Sets a new limit and forgets what refusals showed. */
  configure(requests: number, windowMs: number): void {
    this.#window.configure(requests, windowMs);
    this.#pump();
  }

  /**
   * Resolves when a call of this kind may be sent.
   *
   * @throws UnsiloedError `ABORTED`; what the window throws when it cannot be asked
   */
  async acquire(kind: RequestKind, signal?: AbortSignal): Promise<Permit> {
    return this.#lines[kind].wait(signal);
  }

  /** Lets nothing through for so long; the longest pause asked for counts. */
  pause(ms: number = DEFAULT_PAUSE_MS): void {
    this.#window.pause(ms);
    this.#pump();
  }

  #pump(): void {
    while (!this.#isAsking) {
      const kind = this.#next();
      if (!kind) {
        this.#alarm.clear();
        return;
      }
      const taken = this.#window.take(kind);
      if (taken instanceof Promise) void this.#await(kind, taken);
      else if (!this.#use(kind, taken)) return;
    }
  }

  async #await(kind: RequestKind, asked: Promise<Taken>): Promise<void> {
    this.#isAsking = true;
    try {
      const taken = await asked;
      this.#isAsking = false;
      // Another kind may have come first since, which may be allowed more at once.
      if (!this.#use(kind, taken) && this.#next() === kind) return;
    } catch (thrown) {
      this.#isAsking = false;
      for (const line of Object.values(this.#lines)) line.rejectAll(thrown);
    }
    this.#pump();
  }

  /** Lets the first of a kind go ahead, or sets the alarm. @returns whether to go on with the next */
  #use(kind: RequestKind, taken: Taken): boolean {
    if ("notBefore" in taken) {
      // Without a time the next answer pumps again.
      this.#alarm.set(taken.notBefore, () => this.#pump());
      return false;
    }
    if (this.#lines[kind].length === 0) taken.permit.unused();
    else {
      for (const other of PRIORITY)
        this.#passed[other] = other === kind || this.#lines[other].length === 0 ? 0 : this.#passed[other] + 1;
      this.#lines[kind].grantFirst(this.#pumping(taken.permit));
    }
    return true;
  }

  /** The kind whose turn it is. */
  #next(): RequestKind | undefined {
    const waiting = PRIORITY.filter((kind) => this.#lines[kind].length > 0);
    return waiting.find((kind) => this.#passed[kind] >= MAX_PASSED[kind]) ?? waiting[0];
  }

  /** A permit whose end makes others go ahead. */
  #pumping(permit: Permit): Permit {
    const then =
      <Values extends unknown[]>(end: (...values: Values) => void) =>
      (...values: Values): void => {
        end(...values);
        this.#pump();
      };
    return {
      answered: then(permit.answered),
      tooFast: then(permit.tooFast),
      unused: then(permit.unused),
    };
  }
}
