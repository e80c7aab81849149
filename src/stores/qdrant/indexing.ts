import { z } from "zod";

/** Key in a collection's metadata under which a run in bulk mode notes what it has to restore. */
export const BULK_NOTE = "unsiloed_bulk";

const bulkNoteSchema = z.object({
  /** `null` when none was set. */
  indexing_threshold: z.number().positive().nullable(),
  /** The process that has to restore it. */
  pid: z.number(),
  machine: z.string(),
});
export type BulkNote = z.infer<typeof bulkNoteSchema>;

export const optimizerSchema = z.looseObject({
  indexing_threshold: z.number().nullish(),
  prevent_unoptimized: z.boolean().nullish(),
});

/** When the server indexes vectors. */
export interface Indexing {
  /** In kilobytes of a segment; 0 never, `null` when none is set. */
  threshold: number | null;
  note: BulkNote | undefined;
  /** Whether points are not found before they are indexed. */
  hidesUnindexed: boolean;
}

/** From a collection's configuration. A note of another form is not ours, and is left alone. */
export const readIndexing = (
  optimizer: z.infer<typeof optimizerSchema> | null | undefined,
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): Indexing => ({
  threshold: optimizer?.indexing_threshold ?? null,
  note: bulkNoteSchema.safeParse(metadata?.[BULK_NOTE]).data,
  hidesUnindexed: optimizer?.prevent_unoptimized === true,
});
