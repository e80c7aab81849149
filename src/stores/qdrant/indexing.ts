import { z } from "zod";

/** Metadata key under which a run in bulk mode notes the threshold to restore. */
export const BULK_NOTE = "unsiloed_bulk";

const bulkNoteSchema = z.object({
  /** The earlier threshold; `null` when none was set. */
  indexing_threshold: z.number().positive().nullable(),
  /** The process that restores it. */
  pid: z.number(),
  machine: z.string(),
});
export type BulkNote = z.infer<typeof bulkNoteSchema>;

export const optimizerSchema = z.looseObject({
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
