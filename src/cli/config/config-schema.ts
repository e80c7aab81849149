import { z } from "zod";
import { segmentPoliciesSchema } from "../../documents/policies.js";
import { normalizeSegmentType, SEGMENT_TYPES } from "../../documents/segment-type.js";
import { nearestNames } from "../../internal/nearest-names.js";
import { DIALECTS } from "../../parse-api/jobs/dialects.js";
import { parseRequestSchema } from "../../parse-api/jobs/request-options.js";
import { EXPANSIONS, SEARCH_MODES } from "../../retrieval/search-choices.js";
import { ON_DISK, QUANTIZATIONS } from "../../stores/store-entry.js";
import { KEEP_FORMS, readKeepResults } from "../setup/keep-results.js";

const text = z.string().min(1).optional();
const anyText = z.string().optional();
const names = z.array(z.string().min(1)).min(1).optional();
const flag = z.boolean().optional();
const positiveInteger = z.number().int().min(1).optional();
const wholeNumber = z.number().int().min(0).optional();
const fraction = z.number().min(0).max(1).optional();

/** Names of what may be a secret, which belongs in the environment. */
const SECRET = /key|secret|token|password|credential/i;

const namesOf = (shape: object) => {
  const nearest = nearestNames(Object.keys(shape));
  return (issue: Parameters<typeof nearest>[0]): string | undefined => {
    const secret = issue.keys?.find((name) => SECRET.test(name));
    return secret === undefined
      ? nearest(issue)
      : `${secret} does not belong in this file, which is shared: set keys in the environment, such as UNSILOED_API_KEY, or in a .env file`;
  };
};

const strict = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape, { error: namesOf(shape) });

const isKnownType = (name: string): boolean =>
  name === "*" || SEGMENT_TYPES.some((known) => known === normalizeSegmentType(name));

const policiesSchema = segmentPoliciesSchema.superRefine((policies, context) => {
  for (const type of Object.keys(policies))
    if (!isKnownType(type))
      context.addIssue({
        code: "custom",
        path: [type],
        message: `expected policies for * or ${SEGMENT_TYPES.join(", ")}`,
      });
});

/** Checks {@link UnsiloedConfig}. */
export const configSchema = strict({
  sources: names,
  include: names,
  exclude: names,
  root: text,
  state: text,
  store: text,
  collection: text,
  bulk: flag,
  storeBatch: positiveInteger,
  sparse: flag,
  shards: positiveInteger,
  replicas: positiveInteger,
  writeConsistency: positiveInteger,
  quantization: z.enum(QUANTIZATIONS).optional(),
  onDisk: z.array(z.enum(ON_DISK)).min(1).optional(),
  embeddings: text,
  dimensions: positiveInteger,
  queryPrefix: anyText,
  documentPrefix: anyText,
  embeddingHeader: z.record(z.string(), z.string()).optional(),
  embeddingMaxTokens: positiveInteger,
  chunkSize: positiveInteger,
  chunkOverlap: wholeNumber,
  parse: parseRequestSchema.optional(),
  policies: policiesSchema.optional(),
  refresh: flag,
  verify: flag,
  prune: flag,
  concurrency: positiveInteger,
  timeout: positiveInteger,
  pollInterval: positiveInteger,
  rateLimit: positiveInteger,
  activeJobs: positiveInteger,
  keepResults: z
    .string()
    .refine((value) => readKeepResults(value) !== undefined, `expected ${KEEP_FORMS}`)
    .optional(),
  resubmitUnknown: flag,
  maxCredits: z.number().min(0).optional(),
  price: z.number().min(0).optional(),
  pricePerPage: z.number().min(0).optional(),
  search: strict({
    k: positiveInteger,
    mode: z.enum(SEARCH_MODES).optional(),
    rerank: z.enum(["words", "none"]).optional(),
    denseShare: fraction,
    expand: z.array(z.enum(EXPANSIONS)).min(1).optional(),
    minConfidence: fraction,
  }).optional(),
  evaluate: strict({ seed: wholeNumber }).optional(),
  emulator: strict({
    results: text,
    port: wholeNumber,
    dialect: z.enum(DIALECTS).optional(),
    fault: z.array(z.string()).min(1).optional(),
  }).optional(),
});

/** A config whose values are checked. */
export type Config = z.output<typeof configSchema>;
