/** Retrieval: searches a collection and returns Documents with their page, box and section. */

export { type Citation, citationsOf, formatCitations, formatContext, formatLocation } from "./citations.js";
export {
  type EvaluationReport,
  evaluate,
  type FailedQuestion,
  type WayDifference,
  type WayFigures,
} from "./evaluate/evaluate.js";
export type { EvaluateOptions, EvaluateSettings } from "./evaluate/evaluate-options.js";
export type { Way } from "./evaluate/find-ways.js";
export type { FusionTrial } from "./evaluate/fusion-settings.js";
export { type EvaluationQuestion, parseQuestions } from "./evaluate/questions.js";
export type { FailureReason, Ranks } from "./evaluate/reasons.js";
export type { Estimate } from "./evaluate/statistics.js";
export type { ExpandLimits, ExpandOptions } from "./expand/expand-options.js";
export type { FusionOptions } from "./fusion.js";
export type { DocumentCompressor, RerankOption, ScoreTexts } from "./rerank/rerank-options.js";
export { type FoundHit, type SegmentSearchOptions, searchSegments } from "./search.js";
export { EXPANSIONS, type Expansion, type SearchMode } from "./search-choices.js";
export type { SearchSettings, SearchTarget } from "./search-options.js";
export {
  type RetrievedDocument,
  type RetrievedMetadata,
  type RetrieveOptions,
  SegmentRetriever,
  type SegmentRetrieverOptions,
} from "./segment-retriever.js";
export { createSearchTool } from "./tool/search-tool.js";
export type { SearchToolOptions, ToolFilterOptions } from "./tool/tool-options.js";
