import { z } from "zod";
import type { Collection } from "./collection.js";
import { requireIndexes } from "./filter.js";
import { Refusal } from "./refusal.js";
import type { Condition, Filter } from "./request-schemas.js";

// As in Qdrant 1.19: lib/collection/src/operations/verification, lib/common/common/src/rate_limiting.rs.

const count = z.number().int().nonnegative().nullish();
const configSchema = z.looseObject({
  enabled: z.boolean().nullish(),
  max_query_limit: count,
  unindexed_filtering_retrieve: z.boolean().nullish(),
  unindexed_filtering_update: z.boolean().nullish(),
  search_allow_exact: z.boolean().nullish(),
  upsert_max_batchsize: count,
  max_collection_vector_size_bytes: count,
  max_collection_payload_size_bytes: count,
  max_points_count: count,
  filter_max_conditions: count,
  condition_max_size: count,
  max_payload_index_count: count,
  read_rate_limit: count,
  write_rate_limit: count,
});
type StrictModeConfig = z.infer<typeof configSchema>;

/** What a request asks for, as far as strict mode looks at it. */
export interface StrictRequest {
  /** `limit` of a scroll or query. */
  limit?: number | undefined;
  /** Points of an upsert. */
  upsert?: number | undefined;
  filter?: { of: "retrieve" | "update"; filter: Filter | null | undefined } | undefined;
  exact?: boolean | undefined;
  /** Whether a payload index is created. */
  index?: boolean;
}

const badRequest = (text: string): Refusal => new Refusal(400, `Bad request: ${text}`);
const refusal = (error: string, solution: string): Refusal => badRequest(`${error}. Help: ${solution}`);

const list = (conditions: Condition | Condition[] | null | undefined): Condition[] =>
  conditions == null ? [] : Array.isArray(conditions) ? conditions : [conditions];

const conditionsOf = ({ must, must_not, should }: Filter): Condition[] =>
  [must, must_not, should].flatMap(list);

const isFilter = (condition: Condition): condition is Filter =>
  !("key" in condition || "has_id" in condition || "is_empty" in condition || "is_null" in condition);

const conditionCount = (filter: Filter): number =>
  conditionsOf(filter).reduce((sum, one) => sum + (isFilter(one) ? conditionCount(one) : 1), 0);

const sizeOf = (condition: Condition): number => {
  if (isFilter(condition)) return largestCondition(condition);
  if ("has_id" in condition) return condition.has_id.length;
  if (!("key" in condition) || !condition.match) return 0;
  const { match } = condition;
  return "any" in match ? match.any.length : "except" in match ? match.except.length : 0;
};

const largestCondition = (filter: Filter): number => Math.max(0, ...conditionsOf(filter).map(sizeOf));

const atMost = (value: number | undefined, limit: number | null | undefined, name: string): void => {
  if (value === undefined || limit == null || value <= limit) return;
  throw refusal(
    `Limit exceeded ${value} > ${limit} for "${name}"`,
    `Reduce the "${name}" parameter to or below ${limit}.`,
  );
};

const megabytes = (bytes: number): string => `${bytes / (1024 * 1024)}MB`;

const checkSize = (collection: Collection, config: StrictModeConfig): void => {
  const points = [...collection.points.values()];
  const { max_collection_vector_size_bytes: vectors, max_collection_payload_size_bytes: payload } = config;
  const numbers = points.flatMap((point) => [...point.dense.values()].map((dense) => dense.length));
  if (vectors != null && 4 * numbers.reduce((sum, length) => sum + length, 0) >= vectors) {
    throw badRequest(`Max vector storage size limit of ${megabytes(vectors)} reached!`);
  }
  const bytes = points.reduce((sum, point) => sum + JSON.stringify(point.payload).length, 0);
  if (payload != null && bytes >= payload) {
    throw badRequest(`Max payload storage size limit of ${megabytes(payload)} reached!`);
  }
  if (config.max_points_count != null && points.length >= config.max_points_count) {
    throw badRequest(`Max points count limit of ${config.max_points_count} reached!`);
  }
};

/** The strict mode of a collection; undefined while it is off. */
const configOf = (collection: Collection): StrictModeConfig | undefined => {
  const config = configSchema.parse(collection.config.strict_mode_config ?? {});
  return config.enabled ? config : undefined;
};

/** Refuses a request that strict mode does not allow. */
export const checkStrictMode = (collection: Collection, request: StrictRequest): void => {
  const config = configOf(collection);
  if (!config) return;
  if (request.upsert !== undefined) {
    atMost(request.upsert, config.upsert_max_batchsize, "upsert limit");
    checkSize(collection, config);
  }
  const indexes = config.max_payload_index_count;
  if (request.index && indexes != null && collection.indexes.size >= indexes) {
    throw refusal(
      `Collection already has the maximum number of payload indices (${indexes})`,
      "Please delete an existing index before creating a new one.",
    );
  }
  atMost(request.limit, config.max_query_limit, "limit");
  const { filter, of } = request.filter ?? {};
  if (filter) {
    if (config[`unindexed_filtering_${of ?? "retrieve"}`] === false)
      requireIndexes(filter, collection.indexes);
    const conditions = conditionCount(filter);
    if (config.filter_max_conditions != null && conditions > config.filter_max_conditions) {
      throw refusal(
        `Filter condition limit reached (${conditions} > ${config.filter_max_conditions})`,
        "Reduce the amount of conditions of your filter.",
      );
    }
    const size = largestCondition(filter);
    if (config.condition_max_size != null && size > config.condition_max_size) {
      throw refusal(
        `Condition size limit reached (${size} > ${config.condition_max_size})`,
        "Reduce the size of your condition.",
      );
    }
  }
  if (request.exact && config.search_allow_exact === false) {
    throw refusal("Exact search disabled!", "Set exact=false.");
  }
};

/** What a reading request costs: one, and one for each condition of its filter. */
export const readCost = (filter: Filter | null | undefined): number =>
  1 + (filter ? conditionCount(filter) : 0);

/** A bucket of tokens that fills within a minute. */
class Bucket {
  #tokens: number;
  #since: number;

  constructor(capacity: number, now: number) {
    this.#tokens = capacity;
    this.#since = now;
  }

  take(cost: number, capacity: number, now: number, kind: "Read" | "Write"): void {
    const refuse = (text: string, headers = {}): Refusal =>
      new Refusal(429, `Rate limiting exceeded: ${kind} rate limit exceeded${text}`, { headers });
    if (cost > capacity) {
      throw refuse(", request larger than rate limiter capacity, please try to split your request");
    }
    const perMs = capacity / 60_000;
    this.#tokens = Math.min(capacity, this.#tokens + perMs * (now - this.#since));
    this.#since = now;
    // Sums of floats may fall short of a whole token by a hair.
    if (this.#tokens + 1e-6 >= cost) {
      this.#tokens -= cost;
      return;
    }
    const seconds = Math.ceil((cost - this.#tokens) / perMs / 1000);
    throw refuse(
      `: Operation requires ${cost} tokens but only ${this.#tokens.toFixed(1)} were available. Retry after ${seconds}s`,
      { "retry-after": String(seconds) },
    );
  }
}

/** The rate limiters of all collections. */
export class RateLimits {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  take(collection: Collection, kind: "Read" | "Write", cost: number): void {
    const config = configOf(collection);
    const capacity = kind === "Read" ? config?.read_rate_limit : config?.write_rate_limit;
    if (capacity == null) return;
    const key = `${kind} ${capacity} ${collection.name}`;
    const bucket = this.#buckets.get(key) ?? new Bucket(capacity, this.#now());
    this.#buckets.set(key, bucket);
    bucket.take(Math.max(1, cost), capacity, this.#now(), kind);
  }
}
