import { z } from "zod";
import { SEGMENT_TYPES } from "../../documents/segment-type.js";
import { parseOptions } from "../../internal/options.js";
import type { ToolFilters } from "./tool-options.js";

/** The choices of a filter, where the caller has named them. */
export const choicesOf = (filter: boolean | string[]): string[] | undefined =>
  typeof filter === "boolean" ? undefined : filter;

/** Lists names, with the choices that the model is told. */
const names = (choices: readonly string[] | undefined) =>
  z.array(choices ? z.string().meta({ enum: choices }) : z.string());

const pageRange = z.object({
  from: z.number().int().describe("first page, from 1"),
  to: z.number().int().describe("last page"),
});

/**
 * Tells the model a schema and takes any value: the search reads it, because an error of the schema would end the call
 * with a stack trace for the model.
 */
const told = (schema: z.ZodType, description: string) => {
  const { $schema, ...json } = z.toJSONSchema(schema);
  return z.any().meta({ ...json, description });
};

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
      query: told(z.string(), "what to look for, in words of the documents").prefault(""),
      documents: told(
        names(choicesOf(documents)).nullish(),
        "only in these documents, named as in the passages; leave out to search all",
      ).optional(),
      pages: told(pageRange.nullish(), "only on these pages; leave out to search all").optional(),
      types: told(
        names(choicesOf(types) ?? SEGMENT_TYPES).nullish(),
        "only text of these types; leave out to search all",
      ).optional(),
      sections: told(
        names(choicesOf(sections)).nullish(),
        "only below these headings, as the passages show them after ›; leave out to search all",
      ).optional(),
    })
    .omit({
      ...(documents === false && { documents: true }),
      ...(!pages && { pages: true }),
      ...(types === false && { types: true }),
      ...(sections === false && { sections: true }),
    })
    // Told to the model; a call without it gets a text that says so.
    .meta({ required: ["query"] });

/** Reads a list, for which models write a single text too. */
const namesGiven = z
  .preprocess(
    (given) => (typeof given === "string" ? [given].filter((name) => name.trim() !== "") : given),
    z.array(z.string()).nullish(),
  )
  .optional();

const pageNumber = z.preprocess(
  (given) => (typeof given === "string" && /^\s*\d+\s*$/.test(given) ? Number(given) : given),
  z.number().int(),
);

const isPage = (given: unknown): boolean => pageNumber.safeParse(given).success;

const givenSchema = z.object({
  query: z.string(),
  documents: namesGiven,
  pages: z
    .preprocess(
      (given) => (isPage(given) ? { from: given, to: given } : given),
      z.object({ from: pageNumber, to: pageNumber }).nullish(),
    )
    .optional(),
  types: namesGiven,
  sections: namesGiven,
});

/**
 * Reads what an agent asks for: a text for a list of one, a number for a range of one page, and numbers as texts.
 *
 * @throws UnsiloedError `INVALID_OPTION`, with a message for the agent
 */
export const readToolInput = (given: unknown): SearchToolInput =>
  parseOptions(givenSchema, given, "arguments");
