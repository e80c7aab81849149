import type { SparseVector } from "./bm25.js";
import { matches } from "./filter.js";
import type { Payload } from "./payload.js";
import { formatError, wrongInput } from "./refusal.js";
import type {
  CreateCollection,
  Filter,
  PointId,
  PointInput,
  UpdateCollection,
  VectorParams,
} from "./request-schemas.js";
import { resolveVector, type VectorLayout } from "./vectors.js";

export interface StoredPoint {
  id: PointId;
  version: number;
  dense: Map<string, number[]>;
  sparse: Map<string, SparseVector>;
  payload: Payload;
}

const isVectorParams = (vectors: NonNullable<CreateCollection["vectors"]>): vectors is VectorParams =>
  typeof vectors["size"] === "number";

/** Ids in the one form the server keeps: UUIDs hyphenated and in lower case. */
export const canonicalId = (id: PointId): PointId => {
  if (typeof id === "number") return id;
  const hex = id.replaceAll("-", "").toLowerCase();
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
};

/** The order of scrolling: numbers before UUIDs. */
export const compareIds = (a: PointId, b: PointId): number => {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
};

export class Collection implements VectorLayout {
  readonly name: string;
  readonly config: CreateCollection;
  readonly dense: ReadonlyMap<string, VectorParams>;
  readonly sparse: ReadonlyMap<string, NonNullable<CreateCollection["sparse_vectors"]>[string]>;
  readonly inference: boolean;
  /** Payload indexes: key to type. */
  readonly indexes = new Map<string, string>();
  readonly points = new Map<PointId, StoredPoint>();
  #operations = 0;

  constructor(name: string, config: CreateCollection, inference: boolean) {
    this.name = name;
    this.config = config;
    this.inference = inference;
    const { vectors = {}, sparse_vectors } = config;
    this.dense = new Map(isVectorParams(vectors) ? [["", vectors]] : Object.entries(vectors));
    this.sparse = new Map(Object.entries(sparse_vectors ?? {}));
  }

  nextOperation(): number {
    return this.#operations++;
  }

  /** Keeps values that a change leaves out or gives as `null`; only keys of the metadata are removed by `null`. */
  update({ metadata, ...sections }: UpdateCollection): void {
    const given = (values: object) => Object.entries(values).filter(([, value]) => value != null);
    for (const name of ["hnsw_config", "optimizers_config", "strict_mode_config"] as const) {
      const section = sections[name];
      if (section) this.config[name] = { ...this.config[name], ...Object.fromEntries(given(section)) };
    }
    if (metadata) {
      this.config.metadata = Object.fromEntries(given({ ...this.config.metadata, ...metadata }));
    }
  }

  /** Stores all points of a request or none: all vectors are checked first. */
  upsert(inputs: readonly PointInput[]): void {
    const version = this.#operations;
    const points = inputs.map((input) => this.#read(input, version));
    for (const point of points) this.points.set(point.id, point);
  }

  #read(input: PointInput, version: number): StoredPoint {
    const { id, vector, payload } = input;
    const named =
      Array.isArray(vector) || typeof vector["text"] === "string"
        ? { "": vector }
        : (vector as Exclude<typeof vector, number[] | { text: string }>);
    const point: StoredPoint = {
      id: canonicalId(id),
      version,
      dense: new Map(),
      sparse: new Map(),
      payload: payload ?? {},
    };
    for (const [name, value] of Object.entries(named)) {
      if (typeof value === "string" || value == null) throw formatError("expected a vector");
      const resolved = resolveVector(name, value as Parameters<typeof resolveVector>[1], this, "document");
      if ("dense" in resolved) point.dense.set(name, resolved.dense);
      else point.sparse.set(name, resolved.sparse);
    }
    if (this.dense.has("") && !point.dense.has("") && point.dense.size > 0) {
      throw wrongInput("Not existing vector name error");
    }
    return point;
  }

  deleteIds(ids: readonly PointId[]): void {
    for (const id of ids) this.points.delete(canonicalId(id));
  }

  deleteWhere(filter: Filter): void {
    for (const point of this.select(filter)) this.points.delete(point.id);
  }

  /** Returns points that pass a filter, in the order of their ids. */
  select(filter: Filter | null | undefined): StoredPoint[] {
    return [...this.points.values()]
      .filter((point) => matches(filter, point))
      .sort((a, b) => compareIds(a.id, b.id));
  }

  /** Returns a point's vectors as the server writes them: a single unnamed one without its name. */
  vectorsOf(point: StoredPoint, wanted: boolean | readonly string[]): unknown {
    const chosen = [...point.dense, ...point.sparse].filter(
      ([name]) => wanted === true || (Array.isArray(wanted) && wanted.includes(name)),
    );
    const [first] = chosen;
    return chosen.length === 1 && first?.[0] === "" ? first[1] : Object.fromEntries(chosen);
  }

  info(): object {
    const { vectors, sparse_vectors, metadata, strict_mode_config, quantization_config } = this.config;
    return {
      status: "green",
      optimizer_status: "ok",
      indexed_vectors_count: 0,
      points_count: this.points.size,
      segments_count: 1,
      config: {
        params: {
          vectors: vectors ?? {},
          ...(sparse_vectors && { sparse_vectors }),
          shard_number: this.config.shard_number ?? 1,
          replication_factor: this.config.replication_factor ?? 1,
          write_consistency_factor: this.config.write_consistency_factor ?? 1,
          on_disk_payload: this.config.on_disk_payload ?? true,
        },
        hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000, ...this.config.hnsw_config },
        optimizer_config: {
          deleted_threshold: 0.2,
          vacuum_min_vector_number: 1000,
          default_segment_number: 0,
          indexing_threshold: 10_000,
          flush_interval_sec: 5,
          ...this.config.optimizers_config,
        },
        quantization_config: quantization_config ?? null,
        ...(strict_mode_config && { strict_mode_config }),
        ...(metadata && { metadata }),
      },
      payload_schema: Object.fromEntries(
        [...this.indexes].map(([key, type]) => [key, { data_type: type, points: this.points.size }]),
      ),
    };
  }
}
