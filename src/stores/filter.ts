import { z } from "zod";
import { normalizeSegmentType, typeMeantBy } from "../documents/segment-type.js";
import { propertyOf } from "../internal/objects.js";

/** Selects points for a search or a count. A point must meet every condition that is given. */
export interface SearchFilter {
  /** Documents, by `doc_id`. An empty list matches nothing. */
  docIds?: string[] | undefined;
  /** Segment types in either naming of the service, such as `Table`. An empty list matches nothing. */
  segmentTypes?: string[] | undefined;
  /** Pages, both ends included. A split on several pages matches when one of them is in the range. */
  pages?: NumberRange | undefined;
  /** Headings, spelled as in the document. A split matches when one of them is in its section path, at any depth. */
  sections?: string[] | undefined;
  /** Segments by `segment_index`, both ends included. A split matches when it contains text of one of them. */
  segments?: NumberRange | undefined;
  /** Segments by `segment_id`. A split matches when its first segment is one of them. */
  segmentIds?: string[] | undefined;
  /** Least confidence, 0 to 1. Points without a confidence do not match. */
  minConfidence?: number | undefined;
  /** Version of the document. */
  version?: string | undefined;
  /** Further filters that a point must meet as well. */
  all?: SearchFilter[] | undefined;
}

/** A range of whole numbers ≥ 0, both ends included. */
export interface NumberRange {
  /** The first number. */
  from: number;
  /** The last number, at least `from`. */
  to: number;
}

const rangeSchema = (message: string) =>
  z
    .strictObject({ from: z.number().int().min(0), to: z.number().int().min(0) })
    .refine(({ from, to }) => from <= to, message);

/** A segment type, in the default naming. One that is nearly a known type is taken for misspelt. */
const segmentTypeSchema = z.string().transform((name, context) => {
  const meant = typeMeantBy(name);
  if (meant !== undefined) {
    context.addIssue({ code: "custom", message: `expected a segment type, such as "${meant}"` });
  }
  return normalizeSegmentType(name);
});

export const searchFilterSchema = z.strictObject({
  docIds: z.array(z.string()).optional(),
  segmentTypes: z.array(segmentTypeSchema).optional(),
  pages: rangeSchema("expected a page range whose end is not before its start").optional(),
  sections: z.array(z.string()).optional(),
  segments: rangeSchema("expected a range of segments whose end is not before its start").optional(),
  segmentIds: z.array(z.string()).optional(),
  minConfidence: z.number().min(0).max(1).optional(),
  version: z.string().optional(),
  get all(): z.ZodOptional<z.ZodArray<z.ZodType<SearchFilter, SearchFilter>>> {
    return z.array(searchFilterSchema).optional();
  },
});

/** Whether a filter matches no point because one of its lists is empty. */
export const matchesNothing = (filter: SearchFilter = {}): boolean => {
  const { docIds, segmentTypes, sections, segmentIds, all = [] } = filter;
  return (
    [docIds, segmentTypes, sections, segmentIds].some((list) => list?.length === 0) ||
    all.some(matchesNothing)
  );
};

/** Returns a filter for the points that meet both. */
export const bothFilters = (
  filter: SearchFilter | undefined,
  further: SearchFilter | undefined,
): SearchFilter | undefined => {
  if (!filter || !further) return filter ?? further;
  const shared = Object.keys(further).some((key) => propertyOf(filter, key) !== undefined);
  return shared ? { ...filter, all: [...(filter.all ?? []), further] } : { ...filter, ...further };
};
