/** The longest wait a server can impose on us, in milliseconds: a wrong header must not stall a run for days. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/**
 * Reads a `Retry-After` header: whole or fractional seconds, or an HTTP date (RFC 9110, section 10.2.3).
 *
 * @returns milliseconds from `now`, between 0 and {@link MAX_RETRY_AFTER_MS}; `undefined` when absent or unreadable
 */
export const parseRetryAfter = (header: string | null | undefined, now: number): number | undefined => {
  const text = header?.trim();
  if (!text) return undefined;
  // Every form of HTTP date opens with the name of a day; Date.parse alone would also take "-5" for a date.
  const date = /^[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : date - now;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
};
