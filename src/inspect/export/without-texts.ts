import type { ExportedDocument } from "../contract.js";

/** Names of fields whose texts are words of this package or ids, and nothing of the document. */
const KEPT: ReadonlySet<string> = new Set([
  ...["kind", "type", "reason", "flag", "standing", "precision", "note", "revision", "stage", "code", "at"],
  ...["id", "split", "splits", "segments", "captionOf", "jobId", "version", "updatedAt", "model", "modes"],
  ...["segment_type", "segment_id", "chunk_id", "job_id", "bbox_precision", "caption_id", "caption_of"],
  ...["content_hash", "parse_hash", "options_hash"],
]);

/** Fields of raw segments that are kept; others may hold anything, also in their names. */
const RAW: ReadonlySet<string> = new Set([
  ...["segment_type", "segment_id", "page_number", "page_width", "page_height", "bbox", "confidence"],
  ...["content", "markdown", "html", "llm", "merged_page_bboxes"],
]);

/** Fields of metadata that may hold anything, also in their names. */
const OPEN: ReadonlySet<string> = new Set(["chart_data", "references", "image"]);

const isKept = (name: string, owner: string): boolean =>
  owner === "raw" ? RAW.has(name) : owner !== "metadata" || !OPEN.has(name);

/** Where a document says itself what it is: identities of rows are paths. */
const IDENTITIES: ReadonlySet<string> = new Set(["row", "documents"]);

/** Writes an x for each letter and a 0 for each digit, so that lengths and lines stay as they are. */
export const masked = (text: string): string => text.replace(/\p{L}\p{M}*/gu, "x").replace(/\p{N}/gu, "0");

/** Masks what is between the tags of HTML, whose attributes are left out but for spans. */
const maskedHtml = (html: string): string =>
  html
    .split(/(<\/?[a-z][^>]*>)/i)
    .map((part, index) => {
      if (index % 2 === 0) return masked(part);
      const [, tag = "", attributes = ""] = /^<(\/?[a-z]\w*)([^>]*)>$/i.exec(part) ?? [];
      return `<${tag}${(attributes.match(/\b(?:col|row)span="?\d+"?/gi) ?? []).map((span) => ` ${span}`).join("")}>`;
    })
    .join("");

const maskedValue = (value: unknown, key: string, owner: string): unknown => {
  if (typeof value === "string") {
    if (key === "html") return maskedHtml(value);
    return KEPT.has(key) && !(key === "id" && IDENTITIES.has(owner)) ? value : masked(value);
  }
  if (Array.isArray(value)) return value.map((each) => maskedValue(each, key, key));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => isKept(name, key));
  return Object.fromEntries(entries.map(([name, each]) => [name, maskedValue(each, name, key)]));
};

/**
 * Takes the texts out of an export: letters become x and digits 0, also in names and paths. Boxes, types, ids, counts and
 * the shape of texts stay, so that a fault of parsing or splitting can still be seen.
 */
export const withoutTexts = (exported: ExportedDocument): ExportedDocument =>
  maskedValue(exported, "", "") as ExportedDocument;
