import { z } from "zod";
import type { UnsiloedError } from "../../errors.js";

export const cachedEmbeddingsSchema = z.strictObject({
  /** Holds the cache; made when it is not there. Any number of processes and models may share one. */
  directory: z.string().min(1),
  /** Name of the model. @default the embeddings' own `modelName` or `model` */
  model: z.string().min(1).optional(),
  /** Length of each vector, where the same model gives several. @default the embeddings' own `dimensions` */
  dimensions: z.number().int().positive().optional(),
  /** Whatever else changes the vectors, such as a prompt, or the server when two differ. @default {} */
  options: z.record(z.string(), z.unknown()).default({}),
  /** About how large the cache may grow, in bytes; then what was not asked for longest goes. @default 2 GiB */
  maxBytes: z
    .number()
    .int()
    .min(1_000_000)
    .default(2 ** 31),
});

export interface CachedEmbeddingsOptions extends z.input<typeof cachedEmbeddingsSchema> {
  /** Called when the cache cannot be used; the run goes on without it. */
  onProblem?: (problem: UnsiloedError) => void;
}

/** How many texts were asked for, by where their vectors came from. Equal texts of a call are counted once. */
export interface CacheCounts {
  /** From the cache. */
  hits: number;
  /** Sent to the model. */
  misses: number;
  /** From another call that was asking for the same text at the time. */
  shared: number;
}
