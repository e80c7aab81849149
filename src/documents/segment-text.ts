import { htmlToText, looksLikeHtml } from "../internal/text/html.js";
import type { Segment } from "./segment.js";

/** Removes NUL and replaces lone surrogates, which stores and models refuse or change. */
const clean = (text: string | null | undefined): string =>
  text
    ?.replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .trim() ?? "";

const plain = (text: string): string => (looksLikeHtml(text) ? htmlToText(text) : text);

/** Headings, lists and formulas mean more as Markdown; the rest is clearest as it was read. */
const MARKDOWN_FIRST = new Set(["Title", "SectionHeader", "ListItem", "Formula", "Table"]);

/**
 * Chooses the text of a segment.
 *
 * Markdown for headings, lists and formulas; for tables too, because their `content` is words without rows. A
 * picture's Markdown is a description and its `content` the words in the picture: both, when they differ.
 * Otherwise `content`. An empty field is replaced by the next best one, so that no text is lost;
 * HTML that `content_source` put into `content` is reduced to its text.
 */
export const segmentText = (segment: Segment, type: string): string => {
  const content = plain(clean(segment.content));
  const markdown = plain(clean(segment.markdown));
  const html = clean(segment.html);
  const last = () => (html ? htmlToText(html) : "") || clean(segment.llm);
  if (type === "Picture") {
    const description = markdown || clean(segment.llm);
    if (description && content && !description.includes(content)) return `${description}\n\n${content}`;
    return description || content || last();
  }
  return (MARKDOWN_FIRST.has(type) ? markdown || content : content || markdown) || last();
};

/** Finds the HTML of a table segment in any of its fields. */
export const tableHtml = (segment: Segment): string | undefined =>
  [segment.html, segment.content, segment.markdown]
    .map(clean)
    .find((text) => /<t(?:able|r)[\s>]/i.test(text));
