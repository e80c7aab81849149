/** Limits of an account in a window of time. */
export interface OpenAIRates {
  requests?: number;
  tokens?: number;
  /** @default 60000 */
  windowMs?: number;
  /** Whether the limit refills steadily, like OpenAI's, or completely at the end of the window. @default "steady" */
  refill?: "steady" | "window";
  /** Whether the headers of answers say what remains. @default true */
  headers?: boolean;
}

/** Formats a time like OpenAI: 120ms, 1s, 6m0s. */
export const writeReset = (ms: number): string => {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms) / 1_000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s`;
};

class Quota {
  readonly limit: number;
  readonly #windowMs: number;
  readonly #refill: "steady" | "window";
  #left: number;
  #since = 0;

  constructor(limit: number, windowMs: number, refill: "steady" | "window") {
    this.limit = limit;
    this.#left = limit;
    this.#windowMs = windowMs;
    this.#refill = refill;
  }

  left(now: number): number {
    const passed = (now - this.#since) / this.#windowMs;
    if (this.#refill === "steady") {
      this.#left = Math.min(this.limit, this.#left + passed * this.limit);
      this.#since = now;
    } else if (passed >= 1) {
      this.#left = this.limit;
      this.#since = now;
    }
    return this.#left;
  }

  take(amount: number): void {
    this.#left -= amount;
  }

  resetMs(now: number): number {
    const left = this.left(now);
    if (left === this.limit) return 0;
    return this.#refill === "steady"
      ? (1 - left / this.limit) * this.#windowMs
      : this.#since + this.#windowMs - now;
  }
}

/** Counts requests and tokens against the limits of an account, and writes in headers what remains. */
export class RateCounter {
  readonly #quotas: ReadonlyMap<"requests" | "tokens", Quota>;
  readonly #telling: boolean;

  constructor({ requests, tokens, windowMs = 60_000, refill = "steady", headers = true }: OpenAIRates) {
    this.#telling = headers;
    this.#quotas = new Map([
      ...(requests === undefined ? [] : [["requests", new Quota(requests, windowMs, refill)] as const]),
      ...(tokens === undefined ? [] : [["tokens", new Quota(tokens, windowMs, refill)] as const]),
    ]);
  }

  /** @returns the quota that refuses the request, which then uses nothing */
  take(tokens: number, now: number): "requests" | "tokens" | undefined {
    const costs = { requests: 1, tokens };
    for (const [name, quota] of this.#quotas) if (quota.left(now) < costs[name]) return name;
    for (const [name, quota] of this.#quotas) quota.take(costs[name]);
    return undefined;
  }

  headers(now: number): Record<string, string> {
    if (!this.#telling) return {};
    const told = [...this.#quotas].flatMap(([name, quota]) => [
      [`x-ratelimit-limit-${name}`, String(quota.limit)],
      [`x-ratelimit-remaining-${name}`, String(Math.floor(quota.left(now)))],
      [`x-ratelimit-reset-${name}`, writeReset(quota.resetMs(now))],
    ]);
    return Object.fromEntries(told);
  }
}
