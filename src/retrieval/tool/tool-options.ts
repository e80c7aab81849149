import { z } from "zod";
import type { UnsiloedError } from "../../errors.js";
import { isFunction } from "../../internal/schemas.js";

/** Says by what an agent may filter. What is searched at all is limited by the filter of the retriever. */
export interface ToolFilterOptions {
  /** By documents, named as in citations; a list has those to choose from, by `doc_id`. @default true */
  documents?: boolean | string[] | undefined;
  /** By a range of pages. @default true */
  pages?: boolean | undefined;
  /** By segment types; a list has those to choose from. @default true */
  types?: boolean | string[] | undefined;
  /** By headings; a list has those to choose from. @default true */
  sections?: boolean | string[] | undefined;
}

/** Options of `createSearchTool`. */
export interface SearchToolOptions {
  /** Name by which the model calls the tool. @default "search_documents" */
  name?: string | undefined;
  /** Tells the model what the tool is for. @default a sentence on searching the ingested documents and citing passages */
  description?: string | undefined;
  /** Filters that the agent may use beside that of the retriever; `false` for none. @default all */
  filters?: boolean | ToolFilterOptions | undefined;
  /**
   * Called with each error that the agent cannot mend, such as a store that cannot be reached. The agent only reads that
   * the search failed. @default a warning of the process (`process.emitWarning`)
   */
  onProblem?: ((problem: UnsiloedError) => void) | undefined;
}

const choice = z.union([z.boolean(), z.array(z.string()).min(1)]).default(true);

const filtersSchema = z.strictObject({
  documents: choice,
  pages: z.boolean().default(true),
  types: choice,
  sections: choice,
});

const ALL = { documents: true, pages: true, types: true, sections: true };
const NONE = { documents: false, pages: false, types: false, sections: false };

export const searchToolSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]{1,64}$/, "expected 1 to 64 letters, digits, _ and -")
    .default("search_documents"),
  description: z
    .string()
    .min(1)
    .default(
      "Searches the ingested documents. Returns numbered passages with file, page and section; cite them by number.",
    ),
  filters: z
    .union([z.boolean(), filtersSchema])
    .default(true)
    .transform((filters) => (typeof filters === "boolean" ? (filters ? ALL : NONE) : filters)),
  onProblem: z.custom<(problem: UnsiloedError) => void>(isFunction, "expected a function").optional(),
});

export type ToolFilters = z.output<typeof searchToolSchema>["filters"];
