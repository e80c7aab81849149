import { z } from "zod";

/** Which points a search or a count looks at; every condition given must hold. */
export const searchFilterSchema = z.strictObject({
  /** Documents, by `doc_id`. */
  docIds: z.array(z.string()).optional(),
  /** Segment types, such as `Table`. */
  segmentTypes: z.array(z.string()).optional(),
  /** Pages from … to …, both inclusive; a split that touches one of them matches. */
  pages: z
    .strictObject({
      from: z.number().int().min(0),
      to: z.number().int().min(0),
    })
    .refine(({ from, to }) => from <= to, "expected a page range whose end is not before its start")
    .optional(),
  /** Headings, as they are written; a split matches that stands under one of them, at whatever depth. */
  sections: z.array(z.string()).optional(),
  /** Segments from … to … by `segment_index`, both inclusive; a split that holds text of one of them matches. */
  segments: z
    .strictObject({
      from: z.number().int().min(0),
      to: z.number().int().min(0),
    })
    .refine(({ from, to }) => from <= to, "expected a range of segments whose end is not before its start")
    .optional(),
  /** Segments by their `segment_id`; a split matches whose first segment is one of them. */
  segmentIds: z.array(z.string()).optional(),
  /** Least confidence, 0 to 1; points without a confidence do not match. */
  minConfidence: z.number().min(0).max(1).optional(),
  /** Version of the document. */
  version: z.string().optional(),
});

export type SearchFilter = z.infer<typeof searchFilterSchema>;

/** Whether a filter holds for no point whatever: a list of alternatives without any. */
export const matchesNothing = ({ docIds, segmentTypes, sections, segmentIds }: SearchFilter = {}): boolean =>
  [docIds, segmentTypes, sections, segmentIds].some((list) => list?.length === 0);
