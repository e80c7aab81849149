import type { Dialect } from "./dialects.js";
import {
  type ParseRequest,
  parseRequestSchema,
  type WorkbookRequestOptions,
  workbookRequestSchema,
} from "./request-options.js";

/** The calls that take options: `POST /parse`, `POST /parse/excel` and `POST /v2/parse/upload`. */
export type SubmitCall = "parse" | "excel" | "upload";

type OptionName = keyof ParseRequest;

/** Options that have another name since September 2026. */
export const RENAMED_OPTIONS = {
  keep_segment_types: "segment_filter",
  ocr_mode: "ocr_strategy",
  segmentation_method: "layout_analysis",
} as const satisfies Partial<Record<OptionName, OptionName>>;

/** Options that the service knows since September 2026, those of workbooks aside. */
const NEWER_OPTIONS = [
  "agentic_ocr",
  "detect_pii",
  "enhance_reading_order",
  "export_format",
  "extract_strikethrough",
  "layout_analysis",
  "merge_batch_size",
  "ocr_strategy",
  "pii_block_severity",
  "pii_engine",
  "response_profile",
  "segment_filter",
  "segmentation_version",
] as const satisfies OptionName[];

const isOption = (name: string): name is OptionName => Object.hasOwn(parseRequestSchema.shape, name);

const namesOf = ({ shape }: { shape: object }): OptionName[] => Object.keys(shape).filter(isOption);

/** Tells whether an option is one of workbooks, which `POST /parse/excel` alone takes. */
export const isWorkbookOption = (name: string): name is keyof WorkbookRequestOptions =>
  Object.hasOwn(workbookRequestSchema.shape, name);

/** Options of workbooks. */
export const WORKBOOK_OPTIONS = namesOf(workbookRequestSchema).filter(isWorkbookOption);

const NEWER: ReadonlySet<string> = new Set(NEWER_OPTIONS);
const OLDER: ReadonlySet<string> = new Set(Object.keys(RENAMED_OPTIONS));

/** What the upload of March 2026 lacks beside `POST /parse`. */
const NOT_UPLOADED: ReadonlySet<string> = new Set(["keep_segment_types", "segment_analysis"]);

const isKnown = (name: OptionName, call: SubmitCall, dialect: Dialect): boolean => {
  if (call === "excel") return isWorkbookOption(name) || name === "expires_in";
  if (isWorkbookOption(name)) return false;
  if (dialect === "2026-09") return !OLDER.has(name);
  return !NEWER.has(name) && !(call === "upload" && NOT_UPLOADED.has(name));
};

/** Lists the options that a call knows in a published form of the API. Others are ignored, as far as is known. */
export const optionsOf = (call: SubmitCall, dialect: Dialect): ReadonlySet<OptionName> =>
  new Set(namesOf(parseRequestSchema).filter((name) => isKnown(name, call, dialect)));
