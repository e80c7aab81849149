import { type DynamicStructuredTool, tool } from "@langchain/core/tools";
import { z } from "zod";
import { type Citation, citationsOf, formatContext } from "./citations.js";
import type { SegmentRetriever } from "./segment-retriever.js";

const inputSchema = z.object({ query: z.string().describe("what to look for, in words of the documents") });

/** Options of {@link createSearchTool}. */
export interface SearchToolOptions {
  /** Name by which the model calls the tool. @default "search_documents" */
  name?: string;
  /** Tells the model what the tool is for. @default a sentence on searching the ingested documents and citing passages */
  description?: string;
}

/**
 * Creates a tool with which agents search the collection. The model receives numbered passages; your program receives
 * their citations as the artifact of the tool message (`responseFormat: "content_and_artifact"`).
 *
 * @example
 * ```ts
 * const agent = createAgent({ model, tools: [createSearchTool(retriever)] });
 * ```
 */
export const createSearchTool = (
  retriever: SegmentRetriever,
  options: SearchToolOptions = {},
): DynamicStructuredTool<typeof inputSchema> =>
  tool(
    async ({ query }): Promise<[string, Citation[]]> => {
      const documents = await retriever.invoke(query);
      return [documents.length > 0 ? formatContext(documents) : "Nothing was found.", citationsOf(documents)];
    },
    {
      name: options.name ?? "search_documents",
      description:
        options.description ??
        "Searches the ingested documents. Returns numbered passages with file, page and section; cite them by number.",
      schema: inputSchema,
      responseFormat: "content_and_artifact",
    },
  );
