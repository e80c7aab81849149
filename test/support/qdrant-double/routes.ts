import type { z } from "zod";
import { Collection, canonicalId, type StoredPoint } from "./collection.js";
import { selectPayload, valuesOf } from "./payload.js";
import { runQuery } from "./query.js";
import { formatError, noCollection, noFacetIndex, Refusal, wrongInput } from "./refusal.js";
import * as schemas from "./request-schemas.js";
import { checkStrictMode, RateLimits, readCost } from "./strict-mode.js";

export interface StoreOptions {
  /** @default "1.19.0" */
  version: string;
  /** Strict mode for every new collection: as in Qdrant Cloud, or with these limits. */
  strictMode: boolean | Record<string, unknown>;
  /** The time in milliseconds, for rate limits. */
  now: () => number;
  /** The maximum number of points in a write: the bucket of the rate limiter. */
  bucket: number | undefined;
  /** Servers of the cluster; one alone is none. */
  servers: number;
}

export interface Call {
  method: string;
  /** Path segments, decoded. */
  path: string[];
  query: URLSearchParams;
  body: unknown;
}

const atLeast = (version: string, minimum: string): boolean =>
  version.localeCompare(minimum, "en", { numeric: true }) >= 0;

/** Holds the state of the double and makes its answers, without HTTP. */
export class QdrantStore {
  readonly collections = new Map<string, Collection>();
  readonly aliases = new Map<string, string>();
  /** States of replicas other than `Active`, by `SHARD/SERVER`. */
  readonly replicaStates = new Map<string, string>();
  /** Addresses of servers that the others cannot reach. */
  readonly lostServers = new Set<string>();
  readonly #options: StoreOptions;
  readonly #rates: RateLimits;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#rates = new RateLimits(options.now);
  }

  /** @returns the `result` of the envelope, or the whole answer for `GET /` */
  answer(call: Call): unknown {
    const { method, path } = call;
    const [root, name, what, action, ...rest] = path;
    if (root === undefined) return { title: "qdrant - vector search engine", version: this.#options.version };
    if (root === "cluster" && method === "GET") return this.#cluster();
    if (root === "aliases" && method === "GET") return { aliases: this.#aliasList() };
    if (root !== "collections" || rest.length > 0) throw new Refusal(404, "", { plain: true });
    if (name === undefined)
      return { collections: [...this.collections.keys()].map((key) => ({ name: key })) };
    if (name === "aliases" && method === "POST")
      return this.#changeAliases(this.#parse(schemas.aliasesSchema, call));
    if (what === undefined) return this.#collection(call, name);
    if (what === "exists") return { exists: this.#find(name) !== undefined };
    const collection = this.#find(name);
    if (!collection) throw noCollection(name);
    if (what === "aliases") {
      return { aliases: this.#aliasList().filter((alias) => alias.collection_name === collection.name) };
    }
    if (what === "cluster" && method === "GET") return this.#shards(collection);
    if (what === "index") return this.#index(call, collection);
    if (what === "facet") return this.#facet(collection, this.#parse(schemas.facetSchema, call));
    if (what === "points") return this.#points(call, collection, action);
    throw new Refusal(404, "", { plain: true });
  }

  #cluster(): object {
    const { servers } = this.#options;
    if (servers < 2) return { status: "disabled" };
    const ids = Array.from({ length: servers }, (_, index) => index + 1);
    return {
      status: "enabled",
      peer_id: 1,
      peers: Object.fromEntries(ids.map((id) => [id, { uri: `http://server-${id}:6335/` }])),
      raft_info: { term: 2, commit: 9, pending_operations: 0, leader: 1, role: "Leader", is_voter: true },
      consensus_thread_status: { consensus_thread_status: "working", last_update: "2026-11-01T00:00:00Z" },
      message_send_failures: Object.fromEntries([...this.lostServers].map((uri) => [uri, { count: 3 }])),
    };
  }

  /** Each shard is on as many servers as it has replicas, beginning with the server of its number. */
  #shards({ config }: Collection): object {
    const { servers } = this.#options;
    const shardCount = config.shard_number ?? servers;
    const replicas = Math.min(config.replication_factor ?? 1, servers);
    const all = Array.from({ length: shardCount * replicas }, (_, index) => {
      const [shard_id, copy] = [Math.floor(index / replicas), index % replicas];
      const peer_id = ((shard_id + copy) % servers) + 1;
      return { shard_id, peer_id, state: this.replicaStates.get(`${shard_id}/${peer_id}`) ?? "Active" };
    });
    return {
      peer_id: 1,
      shard_count: shardCount,
      local_shards: all
        .filter(({ peer_id }) => peer_id === 1)
        .map(({ shard_id, state }) => ({ shard_id, points_count: 0, state })),
      remote_shards: all.filter(({ peer_id }) => peer_id !== 1),
      shard_transfers: [],
    };
  }

  #find(name: string): Collection | undefined {
    return this.collections.get(this.aliases.get(name) ?? name);
  }

  #aliasList(): { alias_name: string; collection_name: string }[] {
    return [...this.aliases].map(([alias_name, collection_name]) => ({ alias_name, collection_name }));
  }

  #parse<S extends z.ZodType>(schema: S, { body }: Call): z.output<S> {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw formatError(
      issue?.code === "unrecognized_keys"
        ? `unknown field \`${issue.keys[0]}\``
        : `${issue?.path.join(".")}: ${issue?.message}`,
    );
  }

  #collection(call: Call, name: string): unknown {
    const existing = this.#find(name);
    switch (call.method) {
      case "PUT":
        return this.#create(name, this.#parse(schemas.createSchema, call));
      case "DELETE":
        return this.collections.delete(name);
      case "PATCH": {
        if (!existing) throw noCollection(name);
        const change = this.#parse(schemas.updateSchema, call);
        this.#refuseEarlyMetadata(change.metadata);
        existing.update(change);
        return true;
      }
      default:
        if (!existing) throw noCollection(name);
        return existing.info();
    }
  }

  #refuseEarlyMetadata(metadata: unknown): void {
    if (metadata != null && !atLeast(this.#options.version, "1.16.0")) {
      throw formatError("unknown field `metadata`");
    }
  }

  #create(name: string, config: schemas.CreateCollection): boolean {
    if (this.#find(name)) {
      throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
    }
    this.#refuseEarlyMetadata(config.metadata);
    const { strictMode } = this.#options;
    const limits =
      strictMode === true
        ? { unindexed_filtering_retrieve: false, unindexed_filtering_update: false }
        : strictMode;
    const strict = limits ? { enabled: true, ...limits, ...config.strict_mode_config } : undefined;
    const inference = atLeast(this.#options.version, "1.15.3");
    const settings = { ...config, ...(strict && { strict_mode_config: strict }) };
    this.collections.set(name, new Collection(name, settings, inference));
    return true;
  }

  #changeAliases({ actions }: z.infer<typeof schemas.aliasesSchema>): boolean {
    for (const action of actions) {
      if ("delete_alias" in action) this.aliases.delete(action.delete_alias.alias_name);
      else {
        const { alias_name, collection_name } = action.create_alias;
        if (!this.collections.has(collection_name)) throw noCollection(collection_name);
        this.aliases.set(alias_name, collection_name);
      }
    }
    return true;
  }

  #index(call: Call, collection: Collection): unknown {
    const { field_name, field_schema } = this.#parse(schemas.indexSchema, call);
    if (field_schema == null) throw wrongInput("cannot automatically infer the type of the field");
    checkStrictMode(collection, { index: true });
    this.#rates.take(collection, "Write", 1);
    collection.indexes.set(field_name, typeof field_schema === "string" ? field_schema : field_schema.type);
    return this.#updated(call, collection);
  }

  #updated({ query }: Call, collection: Collection): unknown {
    const status = query.get("wait") === "true" ? "completed" : "acknowledged";
    return { operation_id: collection.nextOperation(), status };
  }

  #points(call: Call, collection: Collection, action: string | undefined): unknown {
    const { method } = call;
    if (action === undefined && method === "PUT") {
      return this.#upsert(call, collection, this.#parse(schemas.upsertSchema, call));
    }
    if (action === undefined) {
      const { ids, with_payload, with_vector } = this.#parse(schemas.retrieveSchema, call);
      const found = ids.flatMap((id) => collection.points.get(canonicalId(id)) ?? []);
      return found.map((point) => this.#record(collection, point, with_payload, with_vector));
    }
    switch (action) {
      case "delete":
        return this.#delete(call, collection, this.#parse(schemas.deleteSchema, call));
      case "batch":
        return this.#parse(schemas.batchSchema, call).operations.map((operation) =>
          "upsert" in operation
            ? this.#upsert(call, collection, operation.upsert)
            : this.#delete(call, collection, operation.delete),
        );
      case "scroll":
        return this.#scroll(collection, this.#parse(schemas.scrollSchema, call));
      case "count": {
        const { filter, exact = true } = this.#parse(schemas.countSchema, call);
        checkStrictMode(collection, { filter: { of: "retrieve", filter }, exact });
        this.#rates.take(collection, "Read", readCost(filter));
        return { count: collection.select(filter).length };
      }
      case "query":
        return this.#query(collection, this.#parse(schemas.querySchema, call));
      default:
        throw new Refusal(404, "", { plain: true });
    }
  }

  #upsert(call: Call, collection: Collection, { points }: z.infer<typeof schemas.upsertSchema>): unknown {
    const { bucket } = this.#options;
    if (bucket !== undefined && points.length > bucket) {
      throw new Refusal(
        429,
        `Rate limiting exceeded: Write rate limit exceeded, request larger than the rate limiter capacity (${points.length} > ${bucket})`,
      );
    }
    if (points.length === 0) throw new Refusal(400, "Bad request: Empty update request");
    checkStrictMode(collection, { upsert: points.length });
    this.#rates.take(collection, "Write", points.length);
    collection.upsert(points);
    return this.#updated(call, collection);
  }

  #delete(call: Call, collection: Collection, selector: z.infer<typeof schemas.deleteSchema>): unknown {
    if ("points" in selector) {
      this.#rates.take(collection, "Write", selector.points.length);
      collection.deleteIds(selector.points);
    } else {
      checkStrictMode(collection, { filter: { of: "update", filter: selector.filter } });
      collection.deleteWhere(selector.filter);
    }
    return this.#updated(call, collection);
  }

  #record(
    collection: Collection,
    point: StoredPoint,
    selector: schemas.Selector,
    vectors: boolean | string[] | null | undefined,
    payloadByDefault = true,
  ): object {
    const payload = selectPayload(point.payload, selector, payloadByDefault);
    return {
      id: point.id,
      ...(payload && { payload }),
      ...(vectors && { vector: collection.vectorsOf(point, vectors) }),
    };
  }

  #scroll(collection: Collection, request: z.infer<typeof schemas.scrollSchema>): object {
    const { filter, offset, limit, with_payload, with_vector } = request;
    checkStrictMode(collection, { limit: limit ?? undefined, filter: { of: "retrieve", filter } });
    this.#rates.take(collection, "Read", readCost(filter));
    const all = collection.select(filter);
    const start = offset == null ? 0 : all.findIndex((point) => point.id === canonicalId(offset));
    const page = start < 0 ? [] : all.slice(start, start + (limit ?? 10));
    return {
      points: page.map((point) => this.#record(collection, point, with_payload, with_vector)),
      next_page_offset: all[start + page.length]?.id ?? null,
    };
  }

  #facet(collection: Collection, { key, filter, limit, exact }: z.infer<typeof schemas.facetSchema>): object {
    if (!atLeast(this.#options.version, "1.12.0")) throw new Refusal(404, "", { plain: true });
    if (collection.indexes.get(key) !== "keyword") throw noFacetIndex(key);
    checkStrictMode(collection, {
      limit: limit ?? 10,
      filter: { of: "retrieve", filter },
      exact: exact ?? false,
    });
    this.#rates.take(collection, "Read", readCost(filter));
    const counts = new Map<string, number>();
    for (const { payload } of collection.select(filter))
      for (const value of new Set(valuesOf(payload, key)))
        if (typeof value === "string") counts.set(value, (counts.get(value) ?? 0) + 1);
    const hits = [...counts].map(([value, count]) => ({ value, count }));
    hits.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    return { hits: hits.slice(0, limit ?? 10) };
  }

  #query(collection: Collection, request: schemas.Query): object {
    for (const { filter, query, limit } of [request, ...[request.prefetch ?? []].flat()]) {
      checkStrictMode(collection, { limit: limit ?? 10, filter: { of: "retrieve", filter } });
      if (typeof query !== "object" || query === null || !("rrf" in query)) continue;
      if (!atLeast(this.#options.version, "1.16.0")) throw formatError("unknown field `rrf`");
      if (query.rrf.weights && !atLeast(this.#options.version, "1.17.0")) {
        throw formatError("unknown field `weights`");
      }
    }
    this.#rates.take(collection, "Read", readCost(request.filter));
    const scored = runQuery(collection, collection.name, request);
    return {
      points: scored.map(({ point, score }) => ({
        ...this.#record(collection, point, request.with_payload, request.with_vector, false),
        version: point.version,
        score: Math.fround(score),
      })),
    };
  }
}
