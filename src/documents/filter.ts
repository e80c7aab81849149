import { z } from "zod";
import type { SegmentDocument } from "./metadata.js";

/** Which segments are left out. Each one left out is counted under its reason. */
export const segmentFilterSchema = z
  .strictObject({
    /** Keep running heads. @default false */
    pageHeaders: z.boolean().default(false),
    /** Keep running feet. @default false */
    pageFooters: z.boolean().default(false),
    /** Keep segments without text. @default false */
    empty: z.boolean().default(false),
  })
  .prefault({});

export type SegmentFilter = z.infer<typeof segmentFilterSchema>;
export type SegmentFilterOptions = z.input<typeof segmentFilterSchema>;

export const FILTER_REASONS = ["page_header", "page_footer", "empty"] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];

/** Why a segment is left out, or `null` when it is kept. */
export const filterReason = (document: SegmentDocument, filter: SegmentFilter): FilterReason | null => {
  const { segment_type } = document.metadata;
  if (segment_type === "PageHeader" && !filter.pageHeaders) return "page_header";
  if (segment_type === "PageFooter" && !filter.pageFooters) return "page_footer";
  if (document.pageContent.trim() === "" && !filter.empty) return "empty";
  return null;
};
