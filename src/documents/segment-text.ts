import { htmlToText, looksLikeHtml } from "../internal/text/html.js";
import { keyValueText } from "./key-value-text.js";
import type { Segment } from "./segment.js";

/** Removes NUL and replaces lone surrogates, which stores and models refuse or change. */
const clean = (text: string | null | undefined): string =>
  text
    ?.replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .trim() ?? "";

const plain = (text: string): string => (looksLikeHtml(text) ? htmlToText(text) : text);

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
 * Otherwise `content`. An empty field is replaced by the next best one, so that no text is lost;
 * HTML that `content_source` put into `content` is reduced to its text.
 */
export const segmentText = (segment: Segment, type: string): string => {
  const content = plain(clean(segment.content));
  const markdown = plain(clean(segment.markdown));
  const html = clean(segment.html);
  const last = () => (html ? htmlToText(html) : "") || clean(segment.llm);
  if (DESCRIBED.has(type)) {
    const description = markdown || clean(segment.llm);
    if (description && content && !description.includes(content)) return `${description}\n\n${content}`;
    return description || content || last() || (WITHOUT_TEXT[type] ?? "");
  }
  if (type === "KeyValuePair") {
    const pairs = keyValueText([html, clean(segment.markdown), clean(segment.content)]);
    if (pairs !== undefined) return pairs;
  }
  return (MARKDOWN_FIRST.has(type) ? markdown || content : content || markdown) || last();
};

/** Finds the HTML of a table segment in any of its fields. */
export const tableHtml = (segment: Segment): string | undefined =>
  [segment.html, segment.content, segment.markdown]
    .map(clean)
    .find((text) => /<t(?:able|r)[\s>]/i.test(text));
