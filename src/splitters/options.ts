import { availableParallelism } from "node:os";
import { z } from "zod";
import { functionSchema } from "../internal/schemas.js";

/** The smallest budget that leaves room for text beside the header of a table. */
const MIN_CHUNK_SIZE = 16;

/** Tokens of a split where the user names no number. */
export const DEFAULT_CHUNK_SIZE = 400;

/** Options of {@link SegmentSplitter}. */
export interface SegmentSplitterOptions {
  /** The most tokens of a split, section path, caption and table header included. @default 400 */
  chunkSize?: number | undefined;
  /**
   * The most tokens of whole sentences that a split of a long text repeats from the split before; at most half of
   * `chunkSize`. @default a tenth of `chunkSize`
   */
  chunkOverlap?: number | undefined;
  /**
   * Counts the tokens of a text. A function cannot be sent to a thread, so the splitter starts none with it.
   * @default tokens of cl100k_base, loaded on first use
   */
  countTokens?: ((text: string) => number) | undefined;
  /**
   * How many threads split long documents (some 60 pages or more), about 100 MB of memory each; 0 for none.
   * Splitters with the same number share them. Where the compiled files of this package are not there, as in a bundle
   * or when its TypeScript runs, documents are split on the calling thread.
   * @default one less than the processor cores, at least 1, at most 2
   */
  threads?: number | undefined;
}

/** Fills in and checks {@link SegmentSplitterOptions}. */
export const segmentSplitterSchema = z
  .strictObject({
    chunkSize: z.number().int().min(MIN_CHUNK_SIZE).default(DEFAULT_CHUNK_SIZE),
    chunkOverlap: z.number().int().min(0).optional(),
    countTokens: functionSchema<(text: string) => number>().optional(),
    threads: z.number().int().min(0).max(64).optional(),
  })
  .prefault({})
  .refine(({ chunkSize, chunkOverlap = 0 }) => chunkOverlap <= chunkSize / 2, {
    path: ["chunkOverlap"],
    error: "expected at most half of chunkSize",
  })
  .transform((options) => ({
    ...options,
    chunkOverlap: options.chunkOverlap ?? Math.floor(options.chunkSize / 10),
    threads: options.threads ?? Math.max(1, Math.min(2, availableParallelism() - 1)),
  }));
