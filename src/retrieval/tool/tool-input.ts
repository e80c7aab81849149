import { z } from "zod";
import { SEGMENT_TYPES } from "../../documents/segment-type.js";
import type { ToolFilters } from "./tool-options.js";

/** The choices of a filter, where the caller has named them. */
export const choicesOf = (filter: boolean | string[]): string[] | undefined =>
  typeof filter === "boolean" ? undefined : filter;

/**
 * Lists names. Choices are told to the model and checked by the search: its errors name the nearest, which those of a
 * schema do not.
 */
const names = (description: string, choices: readonly string[] | undefined) =>
  z
    .array(choices ? z.string().meta({ enum: choices }) : z.string())
    .nullish()
    .describe(description);

const pageRange = z.object({
  from: z.number().int().describe("first page, from 1"),
  to: z.number().int().describe("last page"),
});

/** What an agent asks for. Filters that it may not use are not in the schema. */
export interface SearchToolInput {
  query: string;
  documents?: string[] | null | undefined;
  pages?: { from: number; to: number } | null | undefined;
  types?: string[] | null | undefined;
  sections?: string[] | null | undefined;
}

/** Makes the schema of the tool's input, with the filters that the caller allows. */
export const inputSchema = ({ documents, pages, types, sections }: ToolFilters): z.ZodType<SearchToolInput> =>
  z
    .object({
      query: z.string().describe("what to look for, in words of the documents"),
      documents: names(
        "only in these documents, named as in the passages; leave out to search all",
        choicesOf(documents),
      ),
      pages: pageRange.nullish().describe("only on these pages; leave out to search all"),
      types: names("only text of these types; leave out to search all", choicesOf(types) ?? SEGMENT_TYPES),
      sections: names(
        "only below these headings, as the passages show them after ›; leave out to search all",
        choicesOf(sections),
      ),
    })
    .omit({
      ...(documents === false && { documents: true }),
      ...(!pages && { pages: true }),
      ...(types === false && { types: true }),
      ...(sections === false && { sections: true }),
    });
