import { DIALECTS, type Dialect } from "./dialects.js";
import { optionsOf, type SubmitCall, WORKBOOK_OPTIONS } from "./request-fields.js";
import { type CurrentRequest, olderNames } from "./request-names.js";

const LISTS_OF_TYPES: ReadonlySet<string> = new Set(["segment_filter", "keep_segment_types"]);

/**
 * Lists the options that a call is sent. While it is unknown which published form the service follows, an option that
 * was renamed goes by both names, since a service ignores the name that it does not know.
 */
const sent = (
  request: CurrentRequest,
  call: SubmitCall,
  dialect: Dialect | undefined,
): [string, unknown][] => {
  const older = olderNames(request);
  const named = { "2026-03": older, "2026-09": request };
  const options = dialect ? named[dialect] : { ...older, ...request };
  const dialects = dialect ? [dialect] : DIALECTS;
  const known = new Set<string>(dialects.flatMap((each) => [...optionsOf(call, each)]));
  // An upload is not known to take these; a service that does has them.
  if (call === "upload") for (const name of WORKBOOK_OPTIONS) known.add(name);
  return Object.entries(options)
    .filter(([name, value]) => known.has(name) && value !== undefined)
    .map(([name, value]) => [
      name,
      LISTS_OF_TYPES.has(name) && Array.isArray(value) ? value.join(",") : value,
    ]);
};

/** Writes options as fields of a multipart form: texts as they are, the rest as JSON. */
export const toFormFields = (
  request: CurrentRequest,
  call: SubmitCall = "parse",
  dialect?: Dialect,
): [name: string, text: string][] =>
  sent(request, call, dialect).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);

/** Writes options as the JSON body of `POST /v2/parse/upload`, which knows the handling of segments by one name. */
export const toUploadBody = (
  { segment_analysis, segment_processing = segment_analysis, ...others }: CurrentRequest,
  fileName: string,
  dialect?: Dialect,
): Record<string, unknown> => ({
  file_name: fileName,
  ...Object.fromEntries(sent({ ...others, segment_processing }, "upload", dialect)),
});
