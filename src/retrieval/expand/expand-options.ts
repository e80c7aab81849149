import { z } from "zod";
import { EXPANSIONS, type Expansion } from "../search-choices.js";

/** Expansions with their limits. */
export interface ExpandLimits {
  /** What hits are expanded to, in this order. */
  to: Expansion | Expansion[];
  /** How many splits `neighbours` takes on each side. @default 1 */
  neighbours?: number | undefined;
  /**
   * The most tokens (`cl100k_base`) an expanded hit may have. What does not fit is left out, the farthest first. A hit
   * that is longer by itself stays whole. @default 1200, three splits of the default size
   */
  maxTokens?: number | undefined;
}

/** How hits are expanded after a search: `"none"`, one expansion, a list of them, or these with limits. */
export type ExpandOptions = "none" | Expansion | Expansion[] | ExpandLimits;

const expansionsSchema = z.union([z.enum(EXPANSIONS), z.array(z.enum(EXPANSIONS))]);

const limitsSchema = z.strictObject({
  to: expansionsSchema,
  neighbours: z.number().int().min(1).max(100).default(1),
  maxTokens: z.number().int().min(1).default(1200),
});

export const expandSchema = z
  .union([z.literal("none"), expansionsSchema, limitsSchema])
  .transform((expand) => {
    const limits =
      typeof expand === "string" || Array.isArray(expand)
        ? limitsSchema.parse({ to: expand === "none" ? [] : expand })
        : expand;
    return { ...limits, to: [limits.to].flat() };
  });

export type ExpandSettings = z.output<typeof expandSchema>;
