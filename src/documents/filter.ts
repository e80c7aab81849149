import { z } from "zod";
import type { SegmentDocument } from "./metadata.js";
import {
  applyPolicies,
  flagged,
  POLICY_REASONS,
  type SegmentPolicyOptions,
  segmentPoliciesSchema,
} from "./policies.js";

/** Says which segments with text are kept. Each one that is left out is counted under its reason. */
export interface TextFilterOptions {
  /** Keeps running page headers. @default false */
  pageHeaders?: boolean | undefined;
  /** Keeps running page footers. @default false */
  pageFooters?: boolean | undefined;
  /** What is done with segments of low or unknown confidence, by type. @default all are kept as they are */
  policies?: SegmentPolicyOptions | undefined;
}

/** Says which segments are kept. */
export interface SegmentFilterOptions extends TextFilterOptions {
  /** Keeps segments without text. @default false */
  empty?: boolean | undefined;
}

/** Fills in and checks {@link SegmentFilterOptions}. */
export const segmentFilterSchema = z
  .strictObject({
    pageHeaders: z.boolean().default(false),
    pageFooters: z.boolean().default(false),
    empty: z.boolean().default(false),
    policies: segmentPoliciesSchema.prefault({}),
  })
  .prefault({});

export type SegmentFilter = z.infer<typeof segmentFilterSchema>;

export const FILTER_REASONS = ["page_header", "page_footer", "empty", ...POLICY_REASONS] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];

/** Tells why a segment is left out, or `null` if it is kept. */
export const filterReason = (document: SegmentDocument, filter: SegmentFilter): FilterReason | null => {
  const { segment_type } = document.metadata;
  if (segment_type === "PageHeader" && !filter.pageHeaders) return "page_header";
  if (segment_type === "PageFooter" && !filter.pageFooters) return "page_footer";
  if (document.pageContent.trim() === "" && !filter.empty) return "empty";
  const policy = applyPolicies(document, filter.policies);
  return policy?.action === "drop" ? policy.reason : null;
};

/** Flags a kept segment with `low_confidence: true` if a policy says so. */
export const withFlag = (document: SegmentDocument, filter: SegmentFilter): SegmentDocument =>
  applyPolicies(document, filter.policies)?.action === "flag" ? flagged(document) : document;
