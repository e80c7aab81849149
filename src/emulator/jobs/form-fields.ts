import { describeIssue } from "../../internal/options.js";
import { parseRequestSchema } from "../../parse-api/jobs/request-options.js";

const FIELDS = new Map(Object.entries(parseRequestSchema.shape));

export interface CheckedFields {
  options: Record<string, unknown>;
  /** Fields the API does not document. It is not known to refuse them; most often they are typing errors. */
  unknown: string[];
  /** What is wrong, if anything is. */
  error?: string;
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/**
 * Returns what a text may stand for. A form has only text; the JSON API takes JSON values, and objects and arrays as
 * JSON text as well.
 */
const readText = (text: string, fromForm: boolean): unknown =>
  fromForm || /^\s*[[{]/.test(text) ? parseJson(text) : text;

/** Reads and checks the options of a submission, from a form or from a JSON body. */
export const checkFields = (given: Iterable<[string, unknown]>, fromForm: boolean): CheckedFields => {
  const options: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of given) {
    const field = FIELDS.get(name);
    if (!field) {
      unknown.push(name);
      continue;
    }
    if (value === null) continue;
    const asText = field.safeParse(value);
    const meant = typeof value === "string" ? readText(value, fromForm) : value;
    const read = asText.success ? asText : field.safeParse(meant);
    if (!read.success)
      return { options, unknown, error: `Invalid value for ${name}: ${describeIssue(read.error, meant)}` };
    options[name] = read.data;
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
