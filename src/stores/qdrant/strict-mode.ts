import { z } from "zod";
import { UnsiloedError } from "../../errors.js";

/** What strict mode allows of one request. Without a limit a number is infinite. */
export interface StrictLimits {
  /** The most points in one answer (`max_query_limit`). */
  answer: number;
  /** The most points in one write (`upsert_max_batchsize`). */
  upsert: number;
  /** The most values in one condition of a filter (`condition_max_size`). */
  values: number;
  /** Whether points may be counted exactly by the server (`search_allow_exact`). */
  exact: boolean;
  /** The most points that are written or deleted in a minute, so in one request (`write_rate_limit`). */
  writes: number;
  /** The most payload indexes (`max_payload_index_count`). */
  indexes: number;
  /** Whether filters may use fields without an index (`unindexed_filtering_retrieve`). */
  unindexed: boolean;
}

const NO_LIMITS: StrictLimits = {
  answer: Number.POSITIVE_INFINITY,
  upsert: Number.POSITIVE_INFINITY,
  values: Number.POSITIVE_INFINITY,
  exact: true,
  writes: Number.POSITIVE_INFINITY,
  indexes: Number.POSITIVE_INFINITY,
  unindexed: true,
};

const limit = z
  .number()
  .nullish()
  .transform((value) => value ?? Number.POSITIVE_INFINITY);
const permission = z
  .boolean()
  .nullish()
  .transform((value) => value !== false);

/** `strict_mode_config` of a collection, of which other limits concern requests that this package does not send. */
export const strictModeSchema = z
  .looseObject({
    enabled: z.boolean().nullish(),
    max_query_limit: limit,
    upsert_max_batchsize: limit,
    condition_max_size: limit,
    search_allow_exact: permission,
    write_rate_limit: limit,
    max_payload_index_count: limit,
    unindexed_filtering_retrieve: permission,
  })
  .nullish()
  .transform((config): StrictLimits => {
    if (!config?.enabled) return NO_LIMITS;
    return {
      // A limit of 0 allows nothing: the server's own refusal says so best.
      answer: Math.max(1, config.max_query_limit),
      upsert: Math.max(1, config.upsert_max_batchsize),
      values: config.condition_max_size,
      exact: config.search_allow_exact,
      writes: Math.max(1, config.write_rate_limit),
      indexes: config.max_payload_index_count,
      unindexed: config.unindexed_filtering_retrieve,
    };
  });

/** Refusals that name a number, in the words of the server (`lib/collection/src/operations/verification`). */
const REFUSALS = [
  { pattern: /Limit exceeded \d+ > (\d+) for "limit"/, name: "answer", least: 1 },
  { pattern: /Limit exceeded \d+ > (\d+) for "upsert limit"/, name: "upsert", least: 1 },
  { pattern: /Condition size limit reached \(\d+ > (\d+)\)/, name: "values", least: 0 },
] as const;

const EXACT_REFUSED = /Exact search disabled/;

/** Returns the limit that a refusal names; `undefined` when it names none, or one that the request kept. */
const namedLimit = (used: StrictLimits, { message }: UnsiloedError): Partial<StrictLimits> | undefined => {
  for (const { pattern, name, least } of REFUSALS) {
    const limit = Number(pattern.exec(message)?.[1]);
    if (limit >= least && limit < used[name]) return { [name]: limit };
  }
  return used.exact && EXACT_REFUSED.test(message) ? { exact: false } : undefined;
};

/**
 * Keeps requests within the strict mode of a collection: within the limits that the collection told when it was opened,
 * and within tighter ones that a refusal names, since they may change at any time.
 */
export class StrictMode {
  #limits = NO_LIMITS;

  get limits(): StrictLimits {
    return this.#limits;
  }

  /** Takes the limits of a collection that has just been read. */
  adopt(limits: StrictLimits): void {
    this.#limits = limits;
  }

  /**
   * Takes the limit that a refusal names.
   *
   * @param used what the request was made with
   * @returns whether there is a tighter limit now, so that the request may be made again
   */
  learn(used: StrictLimits, thrown: unknown): boolean {
    const tighter = thrown instanceof UnsiloedError ? namedLimit(used, thrown) : undefined;
    if (tighter) this.#limits = { ...this.#limits, ...tighter };
    return tighter !== undefined;
  }

  /** Makes a request within the limits, and again when the server refuses it for a tighter one. */
  async within<T>(request: (limits: StrictLimits) => Promise<T>): Promise<T> {
    for (;;) {
      const used = this.#limits;
      try {
        return await request(used);
      } catch (thrown) {
        if (!this.learn(used, thrown)) throw thrown;
      }
    }
  }
}
