import { z } from "zod";
import { readAnswer } from "./http/errors.js";
import { LAYOUT_NAMES, type PayloadLayout } from "./points/layouts.js";
import { type StrictLimits, strictModeSchema } from "./strict-mode.js";

/** Metadata key under which a run in bulk mode notes the threshold to restore. */
export const BULK_NOTE = "unsiloed_bulk";

const noted = {
  /** The earlier threshold; `null` when none was set. */
  indexing_threshold: z.number().positive().nullable(),
};
const bulkNoteSchema = z.union([
  /** The process that restores it. */
  z.object({ ...noted, pid: z.number(), machine: z.string() }),
  /** Restored only where that is asked for. */
  z.object({ ...noted, until: z.literal("resumed") }),
]);
export type BulkNote = z.infer<typeof bulkNoteSchema>;

const optimizerSchema = z.looseObject({
  indexing_threshold: z.number().nullish(),
  prevent_unoptimized: z.boolean().nullish(),
});

/** Settings for the indexing of vectors. */
export interface Indexing {
  /** Size of a segment from which it is indexed, in kilobytes; 0 means never, `null` that none is set. */
  threshold: number | null;
  note: BulkNote | undefined;
  /** Whether points are found only after they are indexed. */
  hidesUnindexed: boolean;
}

/** Reads the configuration of a collection. A note of another form is not ours and is ignored. */
export const readIndexing = (
  optimizer: z.infer<typeof optimizerSchema> | null | undefined,
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): Indexing => ({
  threshold: optimizer?.indexing_threshold ?? null,
  note: bulkNoteSchema.safeParse(metadata?.[BULK_NOTE]).data,
  hidesUnindexed: optimizer?.prevent_unoptimized === true,
});

const vectorSchema = z.looseObject({
  size: z.number(),
  distance: z.string(),
  multivector_config: z.unknown().optional(),
});
type StoredVector = z.infer<typeof vectorSchema>;
/** `GET /collections/{c}`. */
export const infoSchema = z.looseObject({
  config: z.looseObject({
    params: z.looseObject({
      vectors: z.union([vectorSchema, z.record(z.string(), vectorSchema)]).optional(),
      shard_number: z.number().nullish(),
      replication_factor: z.number().nullish(),
      write_consistency_factor: z.number().nullish(),
      on_disk_payload: z.boolean().nullish(),
      sparse_vectors: z.record(z.string(), z.looseObject({ modifier: z.string().nullish() })).nullish(),
    }),
    metadata: z
      .looseObject({
        embedding_model: z.string().nullish(),
        bm25: z.record(z.string(), z.unknown()).nullish(),
        payload: z.enum(LAYOUT_NAMES).nullish().catch(undefined),
      })
      .nullish(),
    strict_mode_config: strictModeSchema,
    optimizer_config: optimizerSchema.nullish(),
    hnsw_config: z.unknown().optional(),
    wal_config: z.unknown().optional(),
    quantization_config: z.unknown().optional(),
  }),
  status: z.string().nullish(),
  points_count: z.number().nullish(),
  payload_schema: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Returns the settings of a collection in the form in which they are asked for at its creation.
 *
 * @param vector the dense vector
 */
export const settingsOf = (
  { params, optimizer_config, ...config }: z.infer<typeof infoSchema>["config"],
  vector: StoredVector | undefined,
): Readonly<Record<string, unknown>> => ({
  ...params,
  vectors: vector,
  optimizers_config: optimizer_config,
  hnsw_config: config.hnsw_config,
  wal_config: config.wal_config,
  quantization_config: config.quantization_config,
  strict_mode_config: config.strict_mode_config,
});

/** The state of an existing collection. */
export interface CollectionState {
  /** The dense vector that is written and searched, `""` for the unnamed one; `undefined` when none can be chosen. */
  dense: { name: string; size: number; distance: string } | undefined;
  /** Names of the dense vectors; that of the unnamed one is `""`. */
  names: readonly string[];
  /** Modifiers of the sparse vectors, by name. */
  sparse: ReadonlyMap<string, string>;
  model: string | undefined;
  bm25: Readonly<Record<string, unknown>> | undefined;
  indexes: ReadonlySet<string>;
  indexing: Indexing;
  /** Whether the server is indexing at present. */
  isIndexing: boolean;
  strict: StrictLimits;
  /** Its settings, by the names that creating it takes. */
  settings: Readonly<Record<string, unknown>>;
  /** How points are written. */
  payload: PayloadLayout;
  /** Whether its points have no text that this package could read. */
  isUnreadable: boolean;
  /** Approximate number of points. */
  points: number;
  /** Name of the BM25 vector; `undefined` when there is dense search only. */
  text: string | undefined;
}

/** Name that LlamaIndex gives its dense vector beside a sparse one. */
const LLAMA_INDEX_VECTOR = "text-dense";

/** Chooses the dense vector: the one that is asked for, else the unnamed one, the only one, or that of LlamaIndex. */
export const chooseVector = (
  vectors: Readonly<Record<string, StoredVector>>,
  wanted: string | undefined,
): CollectionState["dense"] => {
  const single = Object.keys(vectors).filter((name) => vectors[name]?.multivector_config == null);
  const [only] = single.length === 1 ? single : [];
  const name =
    wanted ?? ["", only, LLAMA_INDEX_VECTOR].find((one) => one !== undefined && single.includes(one));
  const vector = name === undefined ? undefined : vectors[name];
  return name !== undefined && vector && single.includes(name)
    ? { name, size: vector.size, distance: vector.distance }
    : undefined;
};

/** Returns the dense vectors by name, that of the unnamed one is `""`. */
export const namedVectors = (vectors: unknown): Record<string, StoredVector> => {
  const unnamed = vectorSchema.safeParse(vectors);
  return unnamed.success
    ? { "": unnamed.data }
    : readAnswer(z.record(z.string(), vectorSchema), vectors, "reading the collection");
};
