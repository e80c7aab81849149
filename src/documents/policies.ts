import { Document } from "@langchain/core/documents";
import { z } from "zod";
import type { SegmentDocument } from "./metadata.js";
import { normalizeSegmentType, typeMeantBy } from "./segment-type.js";

/** Names what a policy does with a segment: keep it, leave it out, or keep it with `low_confidence: true`. */
export const POLICY_ACTIONS = ["keep", "drop", "flag"] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** Says what is done with segments of a type that the layout model is not sure of. */
export interface SegmentPolicy {
  /** The confidence, 0 to 1, from which a segment is kept as it is. @default 0 */
  minConfidence?: number | undefined;
  /** What is done with a segment below `minConfidence`. @default "flag" */
  below?: PolicyAction | undefined;
  /** What is done with a segment without a confidence. @default "keep" */
  unknown?: PolicyAction | undefined;
}

/**
 * Policies by segment type, in either naming of the service; `*` is for all types without a policy of their own. A name
 * that is nearly that of a type is refused as misspelt.
 *
 * @example
 * ```ts
 * const policies = { Picture: { minConfidence: 0.5, below: "drop" }, "*": { minConfidence: 0.3, unknown: "flag" } };
 * ```
 */
export type SegmentPolicyOptions = Record<string, SegmentPolicy>;

const segmentPolicySchema = z.strictObject({
  minConfidence: z.number().min(0).max(1).default(0),
  below: z.enum(POLICY_ACTIONS).default("flag"),
  unknown: z.enum(POLICY_ACTIONS).default("keep"),
});

/** The key of the policy for every type without a policy of its own. */
const ANY_TYPE = "*";

/** Fills in and checks {@link SegmentPolicyOptions}, and brings the names of types to one naming. */
export const segmentPoliciesSchema = z
  .record(z.string().min(1), segmentPolicySchema)
  .superRefine((policies, context) => {
    const named = new Map<string, string>();
    for (const name of Object.keys(policies)) {
      const meant = name === ANY_TYPE ? undefined : typeMeantBy(name);
      if (meant !== undefined)
        context.addIssue({
          code: "custom",
          path: [name],
          message: `expected a policy for a segment type, such as "${meant}"`,
        });
      const type = normalizeSegmentType(name);
      const other = named.get(type);
      if (other !== undefined)
        context.addIssue({
          code: "custom",
          path: [name],
          message: `expected one policy for ${type}, which "${other}" names too`,
        });
      named.set(type, name);
    }
  })
  .transform((policies) =>
    Object.fromEntries(
      Object.entries(policies).map(([name, policy]) => [normalizeSegmentType(name), policy]),
    ),
  );

export type SegmentPolicies = z.output<typeof segmentPoliciesSchema>;

export const POLICY_REASONS = ["low_confidence", "unknown_confidence"] as const;
export type PolicyReason = (typeof POLICY_REASONS)[number];

/** Decides what the policies do with a segment, and why; `null` if it is kept as it is. */
export const applyPolicies = (
  { metadata: { segment_type, confidence } }: SegmentDocument,
  policies: SegmentPolicies,
): { action: "drop" | "flag"; reason: PolicyReason } | null => {
  const policy = policies[segment_type] ?? policies[ANY_TYPE];
  if (!policy) return null;
  const isUnknown = confidence === null;
  const action = isUnknown ? policy.unknown : confidence < policy.minConfidence ? policy.below : "keep";
  if (action === "keep") return null;
  return { action, reason: isUnknown ? "unknown_confidence" : "low_confidence" };
};

/** Copies a segment with `low_confidence: true`. */
export const flagged = ({ id, pageContent, metadata }: SegmentDocument): SegmentDocument =>
  new Document({
    ...(id !== undefined && { id }),
    pageContent,
    metadata: { ...metadata, low_confidence: true },
  });

/** The page number of a segment whose page the service did not give. */
export const UNKNOWN_PAGE = 0;

export const FLAG_REASONS = [...POLICY_REASONS, "unknown_page"] as const;
export type FlagReason = (typeof FLAG_REASONS)[number];

/** The most segments that are named; more are only counted. */
export const MAX_NAMED = 1_000;

/** Names a segment for people. */
export const nameSegment = ({ metadata }: SegmentDocument): string => {
  const { source, segment_index, segment_type, segment_id } = metadata;
  return `${source}: segment ${segment_index} (${segment_type}${segment_id ? `, ${segment_id}` : ""})`;
};

/** Tells why a segment is flagged: by a policy, or because its page is not known; `null` if it is not. */
export const flagReason = ({ metadata }: SegmentDocument): FlagReason | null => {
  if (metadata.page_number === UNKNOWN_PAGE) return "unknown_page";
  if (!metadata.low_confidence) return null;
  return metadata.confidence === null ? "unknown_confidence" : "low_confidence";
};
