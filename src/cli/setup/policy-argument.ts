import { InvalidArgumentError } from "commander";
import type { PolicyAction, SegmentPolicy } from "../../documents/policies.js";
import { normalizeSegmentType, SEGMENT_TYPES } from "../../documents/segment-type.js";
import { fraction } from "./arguments.js";

/** Policies by segment type, as the command line gathers them. */
export type PolicyArguments = Record<string, Partial<SegmentPolicy>>;

// Named here again, so that `--help` need not load what the schema of policies is made with.
const ACTIONS: readonly PolicyAction[] = ["keep", "drop", "flag"];

const FORM = "expected TYPE=ACTION@CONFIDENCE, such as Picture=drop@0.5, *=flag@0.3 or Table=drop@unknown";

/**
 * Collects policies: `Picture=drop@0.5` drops pictures below that confidence, `Picture=flag@unknown` flags those
 * without one; `*` stands for all other types.
 */
export const policy = (text: string, earlier: PolicyArguments = {}): PolicyArguments => {
  const [, type, named, bound = ""] = /^([^=@]+)=([a-z]+)@(.+)$/.exec(text.trim()) ?? [];
  const action = ACTIONS.find((known) => known === named);
  if (type === undefined) throw new InvalidArgumentError(`${FORM}, got "${text}"`);
  const isKnown = type === "*" || SEGMENT_TYPES.some((known) => known === normalizeSegmentType(type));
  if (!isKnown) throw new InvalidArgumentError(`expected * or ${SEGMENT_TYPES.join(", ")}, got "${type}"`);
  if (!action) throw new InvalidArgumentError(`expected ${ACTIONS.join(", ")}, got "${named}"`);
  const own = earlier[type] ?? {};
  const part: Partial<SegmentPolicy> =
    bound === "unknown" ? { unknown: action } : { minConfidence: fraction(bound), below: action };
  const twice = Object.keys(part).some((key) => key in own);
  if (twice) throw new InvalidArgumentError(`"${text}" contradicts an earlier --policy for ${type}`);
  return { ...earlier, [type]: { ...own, ...part } };
};
