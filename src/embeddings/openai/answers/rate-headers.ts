/** What an answer reports about one quota. */
export interface QuotaReading {
  /** The whole quota. */
  limit: number | undefined;
  remaining: number;
  /** Milliseconds until the whole quota is available again. */
  resetMs: number;
}

export interface RateReading {
  requests?: QuotaReading;
  tokens?: QuotaReading;
}

/** The longest wait that a header can cause, in milliseconds: a wrong one must not stall a run for days. */
export const MAX_RESET_MS = 10 * 60_000;

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const isUnit = (name: string): name is keyof typeof UNITS => Object.hasOwn(UNITS, name);

/**
 * Reads a duration such as `1s`, `6m0s`, `120ms`, `1h2m3.5s`; a number alone means seconds.
 *
 * Format: https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 *
 * @returns milliseconds, at most {@link MAX_RESET_MS}; `undefined` when absent or unreadable
 */
export const parseReset = (header: string | null): number | undefined => {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * UNITS.s, MAX_RESET_MS);
  if (!/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g))
    if (isUnit(unit)) total += Number(amount) * UNITS[unit];
  return Math.min(total, MAX_RESET_MS);
};

const parseCount = (header: string | null): number | undefined =>
  header !== null && /^\d+$/.test(header.trim()) ? Number(header) : undefined;

/** Reads the `x-ratelimit-*` headers of an answer. A quota needs both the remaining amount and the reset, else it is left out. */
export const readRateHeaders = (headers: Headers): RateReading => {
  const read = (quota: string): QuotaReading | undefined => {
    const remaining = parseCount(headers.get(`x-ratelimit-remaining-${quota}`));
    const resetMs = parseReset(headers.get(`x-ratelimit-reset-${quota}`));
    if (remaining === undefined || resetMs === undefined) return undefined;
    return { limit: parseCount(headers.get(`x-ratelimit-limit-${quota}`)), remaining, resetMs };
  };
  const [requests, tokens] = [read("requests"), read("tokens")];
  return { ...(requests && { requests }), ...(tokens && { tokens }) };
};
