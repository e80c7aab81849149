import type { RENAMED_OPTIONS } from "./request-fields.js";
import type { ParseRequest } from "./request-options.js";
import { type Generation, type HandlingPerType, handlingPerType } from "./segment-handling.js";

/** Options of a parse request by the names of September 2026 only. */
export type CurrentRequest = Omit<ParseRequest, keyof typeof RENAMED_OPTIONS>;

/** Replaces the name of a strategy wherever the handling of segments has it. */
const withStrategy = (
  handling: HandlingPerType | undefined,
  from: Generation,
  to: Generation,
): HandlingPerType | undefined => {
  if (!handling) return undefined;
  const renamed = Object.entries(handling).map(([type, one]) => [
    type,
    one && {
      ...one,
      ...(one.html === from && { html: to }),
      ...(one.markdown === from && { markdown: to }),
    },
  ]);
  return handlingPerType.parse(Object.fromEntries(renamed));
};

const withStrategies = <R extends Pick<ParseRequest, "segment_analysis" | "segment_processing">>(
  request: R,
  from: Generation,
  to: Generation,
): R => {
  const { segment_analysis, segment_processing } = request;
  return {
    ...request,
    ...(segment_analysis && { segment_analysis: withStrategy(segment_analysis, from, to) }),
    ...(segment_processing && { segment_processing: withStrategy(segment_processing, from, to) }),
  };
};

/** Tells whether the handling of segments names a strategy. */
export const namesStrategy = (request: ParseRequest, strategy: Generation): boolean =>
  [request.segment_analysis, request.segment_processing].some((handling) =>
    Object.values(handling ?? {}).some((one) => one?.html === strategy || one?.markdown === strategy),
  );

const withoutUndefined = <T extends object>(options: T): T => {
  const copy = { ...options };
  for (const key in copy) if (copy[key] === undefined) delete copy[key];
  return copy;
};

/** Translates older names of options and strategies; where both names of an option are given, the newer one counts. */
export const currentNames = (given: ParseRequest): CurrentRequest => {
  const { ocr_mode, segmentation_method, keep_segment_types, ...request } = withoutUndefined(given);
  return withStrategies(
    {
      ...(ocr_mode && { ocr_strategy: ocr_mode === "auto_ocr" ? ("auto_detection" as const) : ocr_mode }),
      ...(segmentation_method && { layout_analysis: segmentation_method }),
      ...(keep_segment_types && { segment_filter: keep_segment_types }),
      ...request,
    },
    "LLM",
    "VLM",
  );
};

/**
 * Returns the same options by the names of March 2026, where they have one. Hashes of options are made of these, so
 * that a document which was parsed under older names is not parsed again for the newer ones.
 */
export const olderNames = (request: CurrentRequest): ParseRequest => {
  const { ocr_strategy, layout_analysis, segment_filter, ...others } = withoutUndefined(request);
  const isNewLayout = layout_analysis === "advanced_layout_detection";
  return withStrategies(
    {
      ...others,
      ...(ocr_strategy && {
        ocr_mode: ocr_strategy === "auto_detection" ? ("auto_ocr" as const) : ocr_strategy,
      }),
      ...(isNewLayout && { layout_analysis }),
      ...(!isNewLayout && layout_analysis && { segmentation_method: layout_analysis }),
      ...(segment_filter && { keep_segment_types: segment_filter }),
    },
    "VLM",
    "LLM",
  );
};
