// Questions in, Documents with their exact places out.

export { type Citation, citationsOf, formatCitations, formatContext, formatLocation } from "./citations.js";
export type { ExpandOptions } from "./expand-options.js";
export { GROWTHS, type Growth } from "./growths.js";
export type { RetrievedMetadata } from "./retrieved.js";
export { type SearchTarget, type SegmentSearchOptions, searchSegments } from "./search.js";
export { createSearchTool, type SearchToolOptions } from "./search-tool.js";
export { SegmentRetriever, type SegmentRetrieverOptions } from "./segment-retriever.js";
