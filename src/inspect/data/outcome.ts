import { filterReason, segmentFilterSchema } from "../../documents/filter.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import { POLICY_REASONS } from "../../documents/policies.js";
import type { SegmentCounts } from "../../ledger/record.js";
import type { SegmentOutcome } from "../contract.js";

const DEFAULT_FILTER = segmentFilterSchema.parse(undefined);

/**
 * Tells what became of a segment. The ledger counts what was left out by reason and not segment by segment, and keeps no
 * policies: where neither type nor text is the reason, a policy was, by the confidence of the segment.
 *
 * @param counts those of the stored document; `null` while it is not stored
 */
export const outcomeOf = (
  document: SegmentDocument,
  hasSplits: boolean,
  counts: SegmentCounts | null,
): SegmentOutcome => {
  if (hasSplits) return { kind: "stored" };
  if (!counts) return { kind: "not_stored" };
  const [low, unknown] = POLICY_REASONS;
  const reason =
    filterReason(document, DEFAULT_FILTER) ?? (document.metadata.confidence === null ? unknown : low);
  return reason in counts.filtered ? { kind: "left_out", reason } : { kind: "not_stored" };
};
