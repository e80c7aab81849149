import { readFile } from "node:fs/promises";
import { z } from "zod";

const segmentIndex = z.number().int().nonnegative();

/** The true caption links of a result, by `segment_index`, and its true references where they are recorded. */
export const linksSchema = z.strictObject({
  links: z.array(
    z.strictObject({
      caption: segmentIndex,
      target: segmentIndex,
      /** Tables on later pages that continue the target and share its caption. */
      continued: z.array(segmentIndex).default([]),
    }),
  ),
  references: z.array(z.strictObject({ from: segmentIndex, label: z.string(), to: segmentIndex })).optional(),
});

export type TrueLinks = z.output<typeof linksSchema>;

export const readLinks = async (file: string): Promise<TrueLinks> => {
  const parsed = linksSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
};
