import type { SeededRandom } from "../seeded-random.js";
import type { Moment } from "./activity.js";
import type { StoreKind } from "./services.js";

/**
 * When a process is killed: a number of milliseconds after its start, or after an activity was seen for the nth
 * time.
 */
export interface KillPlan {
  /** The activity to wait for; `any` for the first one. */
  moment?: Moment | "any";
  nth: number;
  afterMs: number;
  /** When it is killed if the activity is not seen, in milliseconds since its start. */
  limitMs: number;
}

/** How long a run without kills takes, in milliseconds. */
export interface Pace {
  /** Time until it sends its first request. */
  startUpMs: number;
  /** Time from then to its end. */
  workMs: number;
}

const FILES: Record<StoreKind, readonly [Moment, ...Moment[]]> = {
  lancedb: ["result file", "store file", "store file", "vector cache", "ledger"],
  qdrant: ["result file", "result file", "vector cache", "ledger"],
};
const REQUESTS: Record<StoreKind, readonly [Moment, ...Moment[]]> = {
  lancedb: ["submitting", "waiting", "fetching", "fetching", "embedding"],
  qdrant: ["submitting", "fetching", "embedding", "writing points", "writing the rest", "writing the rest"],
};

/**
 * Draws when to kill: some during start-up, some at any time after it, some around a request, some while a file is
 * written. Times are short enough that a round of so many kills seldom ends before its last.
 */
export const drawKill = (
  random: SeededRandom,
  store: StoreKind,
  { startUpMs, workMs }: Pace,
  kills: number,
): KillPlan => {
  // A machine that became faster since the measurement must not finish the run first.
  const limitMs = startUpMs + workMs / 2;
  const stretchMs = (1.5 * workMs) / Math.max(kills, 6);
  const kind = random.next();
  if (kind < 0.12) return { nth: 0, afterMs: random.between(0, startUpMs), limitMs };
  if (kind < 0.4) return { moment: "any", nth: 1, afterMs: random.between(0, stretchMs), limitMs };
  if (kind < 0.7)
    return {
      moment: random.pick(REQUESTS[store]),
      nth: random.integer(1, 4),
      afterMs: random.between(0, 60),
      limitMs,
    };
  return {
    moment: random.pick(FILES[store]),
    nth: random.integer(1, 16),
    afterMs: random.between(0, 4),
    limitMs,
  };
};
