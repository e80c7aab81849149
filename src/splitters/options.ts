import { availableParallelism } from "node:os";
import { z } from "zod";

/** The least budget that leaves room for the frame of a table beside its text. */
const MIN_CHUNK_SIZE = 16;

export const segmentSplitterSchema = z
  .strictObject({
    /** The most tokens of a split, section path, caption and table header included. @default 400 */
    chunkSize: z.number().int().min(MIN_CHUNK_SIZE).default(400),
    /**
     * The most tokens of whole sentences that a part of a long text repeats from the part before.
     * At most half of `chunkSize`. @default a tenth of chunkSize
     */
    chunkOverlap: z.number().int().min(0).optional(),
    /** Tokens of a text. @default tokens of cl100k_base, loaded on first use */
    countTokens: z
      .custom<(text: string) => number>((value) => typeof value === "function", "expected a function")
      .optional(),
    /**
     * Threads that split what takes longer than a moment, about 100 MB each; 0 for none. Splitters with the same number
     * share them. A count of tokens of your own cannot be sent to a thread, and leaves them idle; without the files of
     * this package beside a program, as in a bundle, there are none. @default one less than there are processor cores, at least 1,
     * at most 2
     */
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

export type SegmentSplitterOptions = z.input<typeof segmentSplitterSchema>;
