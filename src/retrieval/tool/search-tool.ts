import { type DynamicStructuredTool, tool } from "@langchain/core/tools";
import type { z } from "zod";
import { addContext, UnsiloedError } from "../../errors.js";
import { parseOptions } from "../../internal/options.js";
import { type Citation, citationsOf, formatContext } from "../citations.js";
import { SegmentRetriever } from "../segment-retriever.js";
import { warnOfProblem } from "../warnings.js";
import { type AgentScope, remember, toFilter } from "./agent-filter.js";
import { inputSchema, readToolInput, type SearchToolInput } from "./tool-input.js";
import { type SearchToolOptions, searchToolSchema } from "./tool-options.js";

/**
 * Creates a tool with which agents search the collection. The model receives numbered passages; your program receives
 * their citations as the artifact of the tool message (`responseFormat: "content_and_artifact"`).
 *
 * The agent may filter by documents, pages, segment types and sections, unless `filters` withholds that; the filter of
 * the retriever holds in any case. What the agent asks for wrongly is answered by a text that says how to correct it.
 * Texts for the model have no absolute paths, no credentials and no addresses of the store.
 *
 * @throws UnsiloedError `INVALID_OPTION`. Calls of the tool throw only `ABORTED`; other errors become texts
 * @example
 * ```ts
 * const agent = createAgent({ model, tools: [createSearchTool(retriever)] });
 * const narrow = createSearchTool(retriever, { filters: { types: ["Table", "Text"], sections: false } });
 * ```
 */
export const createSearchTool = (
  retriever: SegmentRetriever,
  options: SearchToolOptions = {},
): DynamicStructuredTool<z.ZodType<SearchToolInput>> => {
  const settings = parseOptions(searchToolSchema, options, "createSearchTool");
  if (!(retriever instanceof SegmentRetriever)) {
    throw new UnsiloedError("INVALID_OPTION", "createSearchTool: retriever: expected a SegmentRetriever");
  }
  const { name, description, filters, onProblem = warnOfProblem } = settings;
  const scope: AgentScope = { sink: retriever.sink, filter: retriever.filter, filters, shown: new Map() };

  const search = async (input: unknown, signal: AbortSignal | undefined): Promise<[string, Citation[]]> => {
    const { query, ...given } = readToolInput(input);
    if (query.trim() === "") {
      throw new UnsiloedError("INVALID_OPTION", "query: expected what to look for, got an empty text.");
    }
    const filter = await toFilter(given, scope, { signal });
    const found = await retriever.retrieveWithScores(query, { filter, signal });
    const documents = found.map(([document]) => document);
    for (const { metadata } of documents) remember(scope.shown, metadata);
    if (documents.length > 0) return [formatContext(documents), citationsOf(documents)];
    const isFiltered = Object.keys(filter).length > 0;
    return [isFiltered ? "Nothing was found with these filters." : "Nothing was found.", []];
  };

  return tool(
    async (input: SearchToolInput, { signal }: { signal?: AbortSignal }): Promise<[string, Citation[]]> => {
      try {
        return await search(input, signal);
      } catch (thrown) {
        const error = addContext(thrown, {});
        if (error.code === "ABORTED") throw error;
        if (error.code !== "INVALID_OPTION") onProblem(error);
        return [textFor(error), []];
      }
    },
    { name, description, schema: inputSchema(filters), responseFormat: "content_and_artifact" },
  );
};

/** Says what an agent can do about an error. Only messages on its own arguments are safe to show to a model. */
const textFor = ({ code, message, retryable }: UnsiloedError): string => {
  switch (code) {
    case "INVALID_OPTION":
      return `Not searched: ${message.replace(/[^.?!]$/, "$&.")} Correct the arguments and search again.`;
    case "UNSUPPORTED_SEARCH":
      return "Not searched: this collection cannot be filtered so. Search again with the query alone.";
    default:
      return `The search failed (${code}). ${retryable ? "It may succeed later." : "Searching again will not help."}`;
  }
};
