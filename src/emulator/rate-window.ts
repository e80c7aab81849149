/** A sliding window: at most so many requests of a key in any stretch of `windowMs`. */
export class RateWindow {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #times = new Map<string, number[]>();

  constructor(requests: number, windowMs: number) {
    this.#requests = requests;
    this.#windowMs = windowMs;
  }

  /** Counts a request. @returns 0 when it may pass, else the milliseconds until one may; refused ones do not count */
  take(key: string, now: number): number {
    const recent = (this.#times.get(key) ?? []).filter((time) => time > now - this.#windowMs);
    this.#times.set(key, recent);
    const [oldest] = recent;
    if (recent.length >= this.#requests && oldest !== undefined) return oldest + this.#windowMs - now;
    recent.push(now);
    return 0;
  }
}
