import type { Clock } from "../../internal/async/clock.js";
import type { CallWindow, Permit, RequestKind, Taken } from "./call-window.js";
import {
  configureRate,
  countCall,
  DEFAULT_PAUSE_MS,
  learnRefusal,
  newRate,
  nextCallAt,
  paceOf,
  pauseUntil,
  type Rate,
} from "./rate.js";

interface Sent {
  /** When the answer came. */
  at: number;
  refused: boolean;
}

/** Keeps the window of a key in this process. */
export class MemoryCallWindow implements CallWindow {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** Calls let through and not answered. */
  #inFlight = 0;
  /** Calls answered within the window, in the order of their answers. */
  #sent: Sent[] = [];

  constructor(clock: Clock, requests: number, windowMs: number) {
    this.#clock = clock;
    this.#rate = newRate(requests, windowMs);
  }

  get limit(): number {
    return this.#rate.limit;
  }

  get paceMs(): number {
    return paceOf(this.#rate);
  }

  configure(requests: number, windowMs: number): void {
    configureRate(this.#rate, requests, windowMs);
  }

  take(kind: RequestKind): Taken {
    const now = this.#clock.now();
    const { windowMs } = this.#rate;
    this.#sent = this.#sent.filter(({ at }) => at > now - windowMs);
    const used = this.#inFlight + this.#sent.length;
    const freeTimes = this.#sent.map(({ at }) => at + windowMs);
    const notBefore = nextCallAt(this.#rate, kind, { used, freeTimes }, now);
    return notBefore > now ? { notBefore } : { permit: this.#grant(now) };
  }

  pause(ms: number): void {
    pauseUntil(this.#rate, this.#clock.now() + ms);
  }

  #grant(now: number): Permit {
    const number = countCall(this.#rate, now);
    const sent: Sent = { at: now, refused: false };
    let inFlight = true;
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
      },
      tooFast: (retryAfterMs = DEFAULT_PAUSE_MS) => {
        sent.refused = true;
        const at = this.#clock.now();
        const accepted = this.#sent.filter((one) => one.at > at - this.#rate.windowMs && !one.refused);
        learnRefusal(this.#rate, number, accepted.length + this.#inFlight, at);
        this.pause(retryAfterMs);
      },
      unused: () => {
        settle();
      },
    };
  }
}
