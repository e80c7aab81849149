import { UnsiloedError } from "../../errors.js";
import { fileKind } from "./file-types.js";
import { isWorkbookOption, optionsOf, RENAMED_OPTIONS, type SubmitCall } from "./request-fields.js";
import { type CurrentRequest, currentNames, namesStrategy } from "./request-names.js";
import type { ParseRequest } from "./request-options.js";

/** A document about to be submitted. */
export interface DocumentToSubmit {
  /** Name of the file, or the last part of an address. */
  name: string;
  call: SubmitCall;
}

/** Options of a request, checked for one document. */
export interface CheckedRequest {
  request: CurrentRequest;
  /** What the user should know before the document is paid for; the same text for every document it holds for. */
  notes: string[];
}

const renamingNotes = (given: ParseRequest): string[] => {
  const options = Object.entries(RENAMED_OPTIONS).flatMap(([older, name]) => {
    if (!isGiven(given, older)) return [];
    return isGiven(given, name)
      ? `${older} is ignored, because ${name}, its newer name, is given too`
      : `${older} is an older name: it is sent as ${name} too`;
  });
  return namesStrategy(given, "LLM") ? [...options, '"LLM" is an older name of the strategy "VLM"'] : options;
};

const isGiven = (request: ParseRequest, name: string): boolean =>
  Object.entries(request).some(([given, value]) => given === name && value !== undefined);

/** Options whose lack loses nothing, or that have a note of their own. */
const HARMLESS: ReadonlySet<string> = new Set(["output_fields", "expires_in"]);

/** Lists the options that a call does not know, by why that is. */
const withoutEffect = (request: CurrentRequest, { name, call }: DocumentToSubmit): string[] => {
  const isWorkbook = fileKind(name) === "workbook";
  const known: ReadonlySet<string> = optionsOf(call, "2026-09");
  const unknown = Object.keys(request).filter((option) => !known.has(option) && !HARMLESS.has(option));
  const ofWorkbooks = unknown.filter(isWorkbookOption).join(", ");
  const others = unknown.filter((option) => !isWorkbookOption(option)).join(", ");
  return [
    ...(ofWorkbooks && isWorkbook
      ? [
          `${ofWorkbooks}: the upload of large workbooks is not known to take it; raise uploadThresholdBytes to avoid the upload`,
        ]
      : []),
    ...(ofWorkbooks && !isWorkbook
      ? [`${ofWorkbooks}: for workbooks (.xls, .xlsx) only, without effect on other documents`]
      : []),
    ...(others ? [`${others}: without effect on workbooks (.xls, .xlsx)`] : []),
  ];
};

const otherNotes = (request: CurrentRequest, { call }: DocumentToSubmit): string[] => {
  const { expires_in, detect_pii, pii_block_severity, pii_engine, response_profile } = request;
  const hasPiiOption = pii_block_severity !== undefined || pii_engine !== undefined;
  return [
    ...(expires_in !== undefined && call !== "upload"
      ? [
          "expires_in: without effect on what is not uploaded, as the plan of the account says how long a job and its " +
            "result are kept; a service of the form of March 2026 still takes it for that time",
        ]
      : []),
    ...(hasPiiOption && detect_pii !== true
      ? ["pii_block_severity and pii_engine: without effect unless detect_pii is true"]
      : []),
    ...(response_profile === "slim" ? [`response_profile: ${SLIM}`] : []),
  ];
};

/** What the profile leaves out, for a note or a refusal. */
export const SLIM =
  '"slim" leaves out content, images, words, confidence, chart data and page sizes; use "full", or output_fields to ' +
  "leave out single fields";

/** Finds what would make a paid parse of no use, or harm. */
const problemOf = (request: CurrentRequest, { name, call }: DocumentToSubmit): string | undefined => {
  const { segment_filter, detect_pii } = request;
  if (call === "upload" && segment_filter !== undefined && segment_filter !== "all")
    return (
      `segment_filter: the upload does not take it, so ${name} would come back whole; leave it out` +
      (fileKind(name) === "uploadOnly"
        ? " for files of this type, which are always uploaded"
        : ", or raise uploadThresholdBytes so that the file is sent in the form")
    );
  if (detect_pii === true && fileKind(name) === "workbook")
    return (
      `detect_pii: workbooks are not checked for personal data, so ${name} is not submitted; ` +
      "leave the option out for workbooks"
    );
  return undefined;
};

/**
 * Checks what the service would ignore or refuse, before anything is paid for, and translates older names.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an option without which the document would be parsed against the user's will
 */
export const checkRequest = (given: ParseRequest, document: DocumentToSubmit): CheckedRequest => {
  const request = currentNames(given);
  const problem = problemOf(request, document);
  if (problem) throw new UnsiloedError("INVALID_OPTION", problem, { source: document.name });
  const notes = [
    ...renamingNotes(given),
    ...withoutEffect(request, document),
    ...otherNotes(request, document),
  ];
  return { request, notes };
};
