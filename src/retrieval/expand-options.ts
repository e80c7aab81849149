import { z } from "zod";
import { GROWTHS } from "./growths.js";

const growthsSchema = z.union([z.enum(GROWTHS), z.array(z.enum(GROWTHS))]);

const limitedSchema = z.strictObject({
  /**
   * What hits are grown to, in this order: `neighbours`, the splits before and after; `section`, the splits under the
   * same headings; `table`, all parts of the table, joined into one; `caption`, from a table or picture to its
   * caption and the other way round.
   */
  to: growthsSchema,
  /** How many splits `neighbours` takes on either side. @default 1 */
  neighbours: z.number().int().min(1).max(100).default(1),
  /**
   * The most tokens (`cl100k_base`) that a hit grows to; what does not fit is left out, the farthest first. A hit that
   * is longer itself stays whole. @default 1200, three splits of the default size
   */
  maxTokens: z.number().int().min(1).default(1200),
});

/** How hits are grown after a search: `"none"`, one growth, a list of them, or these with limits. */
export const expandSchema = z.union([z.literal("none"), growthsSchema, limitedSchema]).transform((expand) => {
  const limited =
    typeof expand === "string" || Array.isArray(expand)
      ? limitedSchema.parse({ to: expand === "none" ? [] : expand })
      : expand;
  return { ...limited, to: [limited.to].flat() };
});

export type ExpandOptions = z.input<typeof expandSchema>;
export type ExpandSettings = z.output<typeof expandSchema>;
