import { z } from "zod";

/** The request bodies the double reads. Strict throughout: a key the server does not know is refused. */

export const pointIdSchema = z.union([
  z.number().int().nonnegative(),
  z.string().regex(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
]);
export type PointId = z.infer<typeof pointIdSchema>;

const denseSchema = z.array(z.number()).min(1);
const sparseSchema = z.strictObject({ indices: z.array(z.number().int()), values: z.array(z.number()) });
export const bm25OptionsSchema = z.strictObject({
  k: z.number().optional(),
  b: z.number().optional(),
  avg_len: z.number().positive().optional(),
  language: z.string().nullish(),
  lowercase: z.boolean().nullish(),
  ascii_folding: z.boolean().nullish(),
  tokenizer: z.string().optional(),
});
export const inferenceSchema = z.strictObject({
  text: z.string(),
  model: z.string().min(1),
  options: bm25OptionsSchema.nullish(),
});
export const vectorSchema = z.union([denseSchema, sparseSchema, inferenceSchema]);
export type VectorInput = z.infer<typeof vectorSchema>;

const payloadSchema = z.record(z.string(), z.unknown());
export const pointSchema = z.strictObject({
  id: pointIdSchema,
  vector: z.union([denseSchema, inferenceSchema, z.record(z.string(), vectorSchema)]),
  payload: payloadSchema.nullish(),
});
export type PointInput = z.infer<typeof pointSchema>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const range = z.strictObject({
  lt: z.number().nullish(),
  gt: z.number().nullish(),
  gte: z.number().nullish(),
  lte: z.number().nullish(),
});
const match = z.union([
  z.strictObject({ value: scalar }),
  z.strictObject({ any: z.array(scalar) }),
  z.strictObject({ except: z.array(scalar) }),
]);
const fieldCondition = z.strictObject({
  key: z.string(),
  match: match.optional(),
  range: range.optional(),
  is_empty: z.boolean().optional(),
  is_null: z.boolean().optional(),
});
export type FieldCondition = z.infer<typeof fieldCondition>;

export interface Filter {
  must?: Condition | Condition[] | null | undefined;
  should?: Condition | Condition[] | null | undefined;
  must_not?: Condition | Condition[] | null | undefined;
}
export type Condition =
  | FieldCondition
  | { has_id: PointId[] }
  | { is_empty: { key: string } }
  | { is_null: { key: string } }
  | Filter;

export const filterSchema: z.ZodType<Filter> = z.lazy(() => {
  const list = z.union([z.array(condition), condition]).nullish();
  return z.strictObject({ must: list, should: list, must_not: list });
});
const keyed = z.strictObject({ key: z.string() });
const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    fieldCondition,
    z.strictObject({ has_id: z.array(pointIdSchema) }),
    z.strictObject({ is_empty: keyed }),
    z.strictObject({ is_null: keyed }),
    filterSchema,
  ]),
);

export const selectorSchema = z
  .union([
    z.boolean(),
    z.array(z.string()),
    z.strictObject({ include: z.array(z.string()) }),
    z.strictObject({ exclude: z.array(z.string()) }),
  ])
  .nullish();
export type Selector = z.infer<typeof selectorSchema>;
const withVector = z.union([z.boolean(), z.array(z.string())]).nullish();

export const upsertSchema = z.strictObject({ points: z.array(pointSchema) });
export const deleteSchema = z.union([
  z.strictObject({ points: z.array(pointIdSchema) }),
  z.strictObject({ filter: filterSchema }),
]);
export const batchSchema = z.strictObject({
  operations: z.array(
    z.union([z.strictObject({ upsert: upsertSchema }), z.strictObject({ delete: deleteSchema })]),
  ),
});
export const retrieveSchema = z.strictObject({
  ids: z.array(pointIdSchema),
  with_payload: selectorSchema,
  with_vector: withVector,
});
export const scrollSchema = z.strictObject({
  limit: z.number().int().min(1).nullish(),
  offset: pointIdSchema.nullish(),
  filter: filterSchema.nullish(),
  with_payload: selectorSchema,
  with_vector: withVector,
});
export const countSchema = z.strictObject({ filter: filterSchema.nullish(), exact: z.boolean().optional() });

const queryInput = z.union([
  vectorSchema,
  pointIdSchema,
  z.strictObject({
    nearest: z.union([vectorSchema, pointIdSchema]),
    mmr: z
      .strictObject({
        diversity: z.number().min(0).max(1).nullish(),
        candidates_limit: z.number().int().nullish(),
      })
      .nullish(),
  }),
  z.strictObject({ fusion: z.enum(["rrf", "dbsf"]) }),
  z.strictObject({
    rrf: z.strictObject({
      k: z.number().int().min(1).nullish(),
      weights: z.array(z.number()).nullish(),
    }),
  }),
]);
export type QueryInput = z.infer<typeof queryInput>;
export const prefetchSchema = z.strictObject({
  query: queryInput.nullish(),
  using: z.string().nullish(),
  filter: filterSchema.nullish(),
  score_threshold: z.number().nullish(),
  limit: z.number().int().min(1).nullish(),
});
export type Prefetch = z.infer<typeof prefetchSchema>;
export const querySchema = z.strictObject({
  ...prefetchSchema.shape,
  prefetch: z.union([z.array(prefetchSchema), prefetchSchema]).nullish(),
  offset: z.number().int().min(0).nullish(),
  with_payload: selectorSchema,
  with_vector: withVector,
});
export type Query = z.infer<typeof querySchema>;

export const facetSchema = z.strictObject({
  key: z.string(),
  filter: filterSchema.nullish(),
  limit: z.number().int().min(1).nullish(),
  exact: z.boolean().nullish(),
});

const anything = z.record(z.string(), z.unknown()).nullish();
const vectorParams = z.strictObject({
  size: z.number().int().min(1),
  distance: z.enum(["Cosine", "Dot", "Euclid", "Manhattan"]),
  on_disk: z.boolean().nullish(),
  hnsw_config: anything,
  quantization_config: anything,
  datatype: z.enum(["float32", "float16", "uint8"]).nullish(),
});
export type VectorParams = z.infer<typeof vectorParams>;
const sparseParams = z.strictObject({ index: anything, modifier: z.enum(["none", "idf"]).nullish() });
export type SparseParams = z.infer<typeof sparseParams>;
export const createSchema = z.strictObject({
  vectors: z.union([vectorParams, z.record(z.string(), vectorParams)]).optional(),
  sparse_vectors: z.record(z.string(), sparseParams).nullish(),
  shard_number: z.number().int().min(1).nullish(),
  replication_factor: z.number().int().min(1).nullish(),
  write_consistency_factor: z.number().int().min(1).nullish(),
  on_disk_payload: z.boolean().nullish(),
  hnsw_config: anything,
  optimizers_config: anything,
  quantization_config: anything,
  wal_config: anything,
  strict_mode_config: anything,
  metadata: anything,
});
export type CreateCollection = z.infer<typeof createSchema>;
export const updateSchema = z.strictObject({
  hnsw_config: anything,
  optimizers_config: anything,
  strict_mode_config: anything,
  metadata: anything,
});
export type UpdateCollection = z.infer<typeof updateSchema>;
export const indexSchema = z.strictObject({
  field_name: z.string().min(1),
  field_schema: z.union([z.string(), z.looseObject({ type: z.string() })]).nullish(),
});
export const aliasesSchema = z.strictObject({
  actions: z.array(
    z.union([
      z.strictObject({
        create_alias: z.strictObject({ collection_name: z.string(), alias_name: z.string() }),
      }),
      z.strictObject({ delete_alias: z.strictObject({ alias_name: z.string() }) }),
    ]),
  ),
});
