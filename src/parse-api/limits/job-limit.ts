/** How long after "full", and after each further step, one job more is tried. */
const RAISE_AFTER_MS = 60_000;

/** How many jobs of a key may be under way, and what refusals have shown of it. Plain JSON; `null` stands for no limit or never. */
export interface JobLimit {
  /** As configured. */
  most: number | null;
  /** At present. */
  limit: number | null;
  /** Milliseconds since the epoch. */
  pausedUntil: number;
  /** When one job more is tried. */
  raiseAt: number | null;
}

export const newJobLimit = (most: number | null): JobLimit => ({
  most,
  limit: most,
  pausedUntil: 0,
  raiseAt: null,
});

/** Changes the configured limit and forgets what refusals showed. @returns whether it is another one */
export const configureJobLimit = (state: JobLimit, most: number | null): boolean => {
  if (most === state.most) return false;
  Object.assign(state, { most, limit: most, raiseAt: null });
  return true;
};

/** Learns that the service is full. @param named jobs under way whose submission was accepted */
export const learnFull = (state: JobLimit, named: number, retryAfterMs: number, now: number): void => {
  state.limit = Math.min(state.limit ?? Number.POSITIVE_INFINITY, Math.max(1, named));
  state.pausedUntil = Math.max(state.pausedUntil, now + retryAfterMs);
  state.raiseAt = state.pausedUntil + RAISE_AFTER_MS;
};

/** Returns when there is room for one job more, if none ends before, after trying more if it is time for that. */
export const roomAt = (state: JobLimit, used: number, now: number): number => {
  if (state.raiseAt !== null && now >= state.raiseAt && state.limit !== null) {
    state.limit = Math.min(state.most ?? Number.POSITIVE_INFINITY, state.limit + 1);
    state.raiseAt = state.limit === state.most ? null : now + RAISE_AFTER_MS;
  }
  const room = used < (state.limit ?? Number.POSITIVE_INFINITY) ? now : state.raiseAt;
  return Math.max(room ?? Number.POSITIVE_INFINITY, state.pausedUntil);
};
