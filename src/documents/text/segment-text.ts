import { gridTablesToHtml } from "../../internal/markup/grid-table.js";
import { withoutMarks } from "../../internal/markup/markdown.js";
import { latexTablesToHtml } from "../../internal/markup/math/latex-table.js";
import { htmlToText, visibleText } from "../../internal/markup/visible-text.js";
import { trimText } from "../../internal/text/trim.js";
import type { Segment } from "../segment.js";
import { isHeading } from "../segment-type.js";
import { keyValueText } from "./key-value-text.js";

/** Signs of the font Wingdings, which Word writes as private characters. */
const WINGDINGS: Readonly<Record<string, string>> = {
  "\uf0a8": "☐",
  "\uf0fb": "✗",
  "\uf0fc": "✓",
  "\uf0fd": "☒",
  "\uf0fe": "☑",
};

const TO_CLEAN = /[\u00ad\uf0a8\uf0fb-\uf0fe]/;

/**
 * Removes NUL and replaces lone surrogates, which stores and models refuse or change, and signs that only a font shows. A soft hyphen at the end is
 * printed, and tells that the next text continues the word.
 */
const clean = (text: string | null | undefined): string => {
  if (!text) return "";
  const sound = text.replaceAll("\u0000", "").toWellFormed();
  return trimText(
    // Most texts have none of these signs.
    TO_CLEAN.test(sound)
      ? sound.replace(/[\uf0a8\uf0fb-\uf0fe]/g, (sign) => WINGDINGS[sign] ?? sign).replace(/\u00ad\s*$/, "-")
      : sound,
  );
};

const visible = (text: string | null | undefined): string => trimText(visibleText(clean(text)));

/** Types whose Markdown is a description by a model, and whose `content` is what was read in them. */
const DESCRIBED = new Set(["Picture", "Signature", "Seal"]);

/** The text of what says something though nothing was read in it. */
const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  Signature: "Signature (blank: no text read)",
  Seal: "Seal (no text read)",
};

/** Headings, lists and formulas mean more as Markdown; the rest is clearest as it was read. */
const MARKDOWN_FIRST = new Set(["Title", "SectionHeader", "ListItem", "Formula", "Table"]);

/**
 * Chooses the text of a segment.
 *
 * Markdown for headings, lists and formulas; for tables too, because their `content` is words without rows. A
 * picture's Markdown is a description and its `content` the words in the picture: both, when they differ.
 * Signatures and seals likewise; one without a text says so. Pairs of a form as `key: value`, one a line.
 * Otherwise `content`. An empty field is replaced by the next best one, so that no text is lost.
 *
 * Markup of HTML is reduced to what it prints in all of them, and pictures within the text to their alternative text.
 */
export const segmentText = (segment: Segment, type: string): string => {
  // Read when asked for: nearly all texts are the first of them.
  const content = () => visible(segment.content);
  const markdown = () => visible(segment.markdown);
  const last = () => {
    const html = clean(segment.html);
    return (html ? htmlToText(html) : "") || visible(segment.llm);
  };
  if (DESCRIBED.has(type)) {
    const description = markdown() || visible(segment.llm);
    const read = content();
    if (description && read && !description.includes(read)) return `${description}\n\n${read}`;
    return description || read || last() || (WITHOUT_TEXT[type] ?? "");
  }
  if (type === "KeyValuePair") {
    const pairs = keyValueText([clean(segment.html), clean(segment.markdown), clean(segment.content)]);
    if (pairs !== undefined) return pairs;
  }
  const text = (MARKDOWN_FIRST.has(type) ? markdown() || content() : content() || markdown()) || last();
  return isHeading(type) ? withoutMarks(text) : text;
};

/** The line below the header of a table in Markdown with pipes. */
const PIPE_RULE = /^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*\|/m;

/** Finds the HTML of a table segment in any of its fields; a table in LaTeX and a drawn grid are written as HTML. */
export const tableHtml = (segment: Segment): string | undefined => {
  const fields = [segment.html, segment.content, segment.markdown].map(clean);
  const html = fields.find((text) => /<t(?:able|r)[\s>]/i.test(text));
  if (html !== undefined) return html;
  for (const text of [clean(segment.markdown), clean(segment.content)]) {
    const written = PIPE_RULE.test(text) ? undefined : (latexTablesToHtml(text) ?? gridTablesToHtml(text));
    if (written !== undefined) return written;
  }
  return undefined;
};

const FENCE = /^(`{3,}|~{3,})[\w-]*\n([\s\S]*)\n\1$/;
const TABLE = /<table>.*?<\/table>/gs;

/** A formula may be an array, which is no table. */
const LATEX_TABLE = /\\begin\s*\{(?!array)/;

/**
 * Finds the HTML of a segment of text that is nothing but a table in LaTeX, or a drawn grid, which may be in a fence
 * of code. Text before, between or after tables is left as it was read.
 */
export const onlyTableHtml = (segment: Segment): string | undefined => {
  const text = clean(segment.content) || clean(segment.markdown);
  const html = LATEX_TABLE.test(text)
    ? latexTablesToHtml(text)
    : gridTablesToHtml(FENCE.exec(text)?.[2] ?? text);
  return html !== undefined && trimText(htmlToText(html.replace(TABLE, ""))) === "" ? html : undefined;
};
