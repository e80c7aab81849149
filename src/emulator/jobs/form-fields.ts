import { isRecord } from "../../internal/is-record.js";

/** What a request option must look like; `json` is an object or array, as a JSON string in a form. */
type FieldKind = "boolean" | "integer" | "text" | "object" | "array" | "pages" | readonly string[];

const FIELDS: Readonly<Record<string, FieldKind>> = {
  chunk_processing: "object",
  detect_checkboxes: "boolean",
  error_handling: ["Continue", "Fail"],
  expires_in: "integer",
  extract_charts: "boolean",
  extract_colors: "boolean",
  extract_links: "boolean",
  keep_segment_types: "text",
  llm_processing: "object",
  merge_tables: "boolean",
  ocr_engine: ["UnsiloedBeta", "UnsiloedHawk", "UnsiloedStorm"],
  ocr_mode: ["auto_ocr", "force_ocr"],
  output_fields: "object",
  page_range: "pages",
  segment_analysis: "object",
  segment_processing: "object",
  segment_type_naming: ["Unsiloed", "Other"],
  segmentation_method: ["smart_layout_detection", "page_by_page"],
  use_high_resolution: "boolean",
  validate_segments: "array",
  validate_table_segments: "boolean",
  xml_citation: "boolean",
};

export interface CheckedFields {
  options: Record<string, unknown>;
  /** Fields the API does not document. It is not known to refuse them; most often they are typing errors. */
  unknown: string[];
  /** What is wrong, if anything is. */
  error?: string;
}

const PAGES = /^(?:\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*|\[\s*\d+(?:\s*,\s*\d+)*\s*\])$/;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The value a field stands for; `undefined` when it is none. */
const readField = (kind: FieldKind, given: unknown, fromForm: boolean): unknown => {
  if (typeof kind !== "string") return typeof given === "string" && kind.includes(given) ? given : undefined;
  // A form has only text; the JSON API takes JSON values, and objects as JSON text as well.
  const parsed =
    typeof given === "string" && (fromForm || kind === "object" || kind === "array")
      ? parseJson(given)
      : given;
  switch (kind) {
    case "boolean":
      return typeof parsed === "boolean" ? parsed : undefined;
    case "integer":
      return Number.isInteger(parsed) && Number(parsed) > 0 ? parsed : undefined;
    case "object":
      return isRecord(parsed) ? parsed : undefined;
    case "array":
      return Array.isArray(parsed) ? parsed : undefined;
    case "pages":
      return typeof given === "string" && PAGES.test(given.trim()) ? given : undefined;
    case "text":
      return typeof given === "string" ? given : undefined;
  }
};

const describe = (kind: FieldKind): string => {
  if (typeof kind !== "string") return kind.join(" or ");
  return {
    boolean: "true or false",
    integer: "an integer above 0",
    object: "a JSON object",
    array: "a JSON array",
    pages: 'pages such as "1-5" or "2,4,6"',
    text: "text",
  }[kind];
};

/** Reads and checks the options of a submission, from a form or from a JSON body. */
export const checkFields = (given: Iterable<[string, unknown]>, fromForm: boolean): CheckedFields => {
  const options: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of given) {
    const kind = FIELDS[name];
    if (kind === undefined) {
      unknown.push(name);
      continue;
    }
    if (value === null) continue;
    const read = readField(kind, value, fromForm);
    if (read === undefined)
      return { options, unknown, error: `Invalid value for ${name}: expected ${describe(kind)}` };
    options[name] = read;
  }
  return { options, unknown };
};

const TYPES: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  tiff: "image/tiff",
  ppt: "application/vnd.ms-powerpoint",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** The extension of a file name, with its dot, and the media type if the service parses such files. */
export const fileType = (fileName: string): { extension: string; mediaType: string | undefined } => {
  const extension = /\.([^./\\]+)$/.exec(fileName)?.[1] ?? "";
  return { extension: `.${extension}`, mediaType: TYPES[extension.toLowerCase()] };
};
