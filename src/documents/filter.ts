import { z } from "zod";
import type { SegmentDocument } from "./metadata.js";
import { applyPolicies, flagged, POLICY_REASONS, segmentPoliciesSchema } from "./policies.js";

/** Which segments are left out. Each one left out is counted under its reason. */
export const segmentFilterSchema = z
  .strictObject({
    /** Keep running heads. @default false */
    pageHeaders: z.boolean().default(false),
    /** Keep running feet. @default false */
    pageFooters: z.boolean().default(false),
    /** Keep segments without text. @default false */
    empty: z.boolean().default(false),
    /** What is done with segments of low or unknown confidence, by type. @default all are kept as they are */
    policies: segmentPoliciesSchema.prefault({}),
  })
  .prefault({});

export type SegmentFilter = z.infer<typeof segmentFilterSchema>;
export type SegmentFilterOptions = z.input<typeof segmentFilterSchema>;

export const FILTER_REASONS = ["page_header", "page_footer", "empty", ...POLICY_REASONS] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];

/** Why a segment is left out, or `null` when it is kept. */
export const filterReason = (document: SegmentDocument, filter: SegmentFilter): FilterReason | null => {
  const { segment_type } = document.metadata;
  if (segment_type === "PageHeader" && !filter.pageHeaders) return "page_header";
  if (segment_type === "PageFooter" && !filter.pageFooters) return "page_footer";
  if (document.pageContent.trim() === "" && !filter.empty) return "empty";
  const policy = applyPolicies(document, filter.policies);
  return policy?.action === "drop" ? policy.reason : null;
};

/** A segment that is kept, with `low_confidence: true` where a policy says so. */
export const withFlag = (document: SegmentDocument, filter: SegmentFilter): SegmentDocument =>
  applyPolicies(document, filter.policies)?.action === "flag" ? flagged(document) : document;
