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
  /** Least confidence, 0 to 1; points without a confidence do not match. */
  minConfidence: z.number().min(0).max(1).optional(),
  /** Version of the document. */
  version: z.string().optional(),
});

export type SearchFilter = z.infer<typeof searchFilterSchema>;
