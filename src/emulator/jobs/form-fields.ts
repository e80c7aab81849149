import { describeIssue } from "../../internal/options.js";
import type { Dialect } from "../../parse-api/jobs/dialects.js";
import { optionsOf, type SubmitCall } from "../../parse-api/jobs/request-fields.js";
import { parseRequestSchema } from "../../parse-api/jobs/request-options.js";

/** Which options a submission may have, and how they come. */
export interface FieldRules {
  dialect: Dialect;
  call: SubmitCall;
  /** Whether they come from a form, which has only text. */
  fromForm: boolean;
}

const { shape } = parseRequestSchema;

export interface CheckedFields {
  options: Record<string, unknown>;
  /** Fields that the call does not document. It is not known to refuse them; most often they are typing errors. */
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

/** Tells whether a generation strategy has the name that only the newer form knows. */
const usesVlm = (value: unknown): boolean =>
  /"VLM"/.test(typeof value === "string" ? value : JSON.stringify(value));

/**
 * Returns what a text may stand for. A form has only text; the JSON API takes JSON values, and objects and arrays as
 * JSON text as well.
 */
const readText = (text: string, fromForm: boolean): unknown =>
  fromForm || /^\s*[[{]/.test(text) ? parseJson(text) : text;

/** Reads and checks the options of a submission. */
export const checkFields = (
  given: Iterable<[string, unknown]>,
  { dialect, call, fromForm }: FieldRules,
): CheckedFields => {
  const known = new Map([...optionsOf(call, dialect)].map((name) => [String(name), shape[name]]));
  const options: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of given) {
    const field = known.get(name);
    if (!field) {
      unknown.push(name);
      continue;
    }
    if (value === null) continue;
    if (dialect === "2026-03" && usesVlm(value))
      return { options, unknown, error: `Invalid value for ${name}: unknown strategy VLM` };
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

/** What the upload of September 2026 takes beside these. */
const UPLOAD_TYPES: Readonly<Record<string, string>> = {
  ...TYPES,
  webp: "image/webp",
  html: "text/html",
};

/** The extension of a file name, with its dot, and the media type if the service parses such files. */
export const fileType = (
  fileName: string,
  { dialect, call }: Partial<Pick<FieldRules, "dialect" | "call">> = {},
): { extension: string; mediaType: string | undefined } => {
  const extension = /\.([^./\\]+)$/.exec(fileName)?.[1] ?? "";
  const types = dialect === "2026-09" && call === "upload" ? UPLOAD_TYPES : TYPES;
  return { extension: `.${extension}`, mediaType: types[extension.toLowerCase()] };
};
