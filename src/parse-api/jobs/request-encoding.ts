import { UnsiloedError } from "../../errors.js";
import type { ParseRequest } from "./request-options.js";

const given = (request: ParseRequest): [string, unknown][] =>
  Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) =>
      name === "keep_segment_types" && Array.isArray(value) ? [name, value.join(",")] : [name, value],
    );

/** The options as fields of the multipart form of `POST /parse`: texts as they are, the rest as JSON. */
export const toFormFields = (request: ParseRequest): [name: string, text: string][] =>
  given(request).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);

/**
 * The options as the JSON body of `POST /v2/parse/upload`, which knows fewer of them.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an option that this call has no field for
 */
export const toUploadBody = (request: ParseRequest, fileName: string): Record<string, unknown> => {
  const { segment_analysis, segment_processing, keep_segment_types, ...same } = request;
  if (keep_segment_types !== undefined && keep_segment_types !== "all") {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `keep_segment_types: the upload of large files does not take it, so ${fileName} would come back whole; ` +
        "leave it out, or raise uploadThresholdBytes so that the file is sent in the form",
      { source: fileName },
    );
  }
  const processing = segment_processing ?? segment_analysis;
  return {
    file_name: fileName,
    ...Object.fromEntries(given(same)),
    ...(processing !== undefined && { segment_processing: processing }),
  };
};
