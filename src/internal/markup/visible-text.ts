import { readHtml } from "./html/html.js";
import { LITERAL_LESS_THAN, readTags } from "./html/literal-tags.js";
import { InlineWriter } from "./inline-writer.js";
import { mapProse, withStableAddresses, withTags } from "./markdown.js";

/**
 * Reads the visible text of HTML: entities decoded, `<br>` and blocks as line ends, everything else as
 * {@link InlineWriter} writes it, without pictures written into the text and without what expires from addresses.
 */
export const htmlToText = (html: string): string =>
  withStableAddresses(readHtml(html, () => new InlineWriter()).take());

/** Stands for an `&` that begins no entity. */
const LITERAL_AMPERSAND = "\ufdd1";
const BARE_AMPERSAND = /&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});)/gi;

/** What a text must have for anything to be done with it. */
const MAY_HAVE_MARKUP = /<[a-z/!?]|&[#a-z]|~|\^|\]\(|\]:|data:|[\u00ad\u200b\u2060\ufeff]/i;

/** The signs without which there is none, as one class of characters, which is tested fastest. */
const SIGN = /[<&~^\]\u00ad\u200b\u2060\ufeff]/;

const mayHaveMarkup = (text: string): boolean =>
  (SIGN.test(text) && MAY_HAVE_MARKUP.test(text)) || (text.includes("data:") && /\bdata:[a-z;]/i.test(text));

const literal = (code: string): string =>
  code.replaceAll("<", LITERAL_LESS_THAN).replaceAll("&", LITERAL_AMPERSAND);

const restore = (text: string): string =>
  text.replaceAll(LITERAL_LESS_THAN, "<").replaceAll(LITERAL_AMPERSAND, "&");

/** A line of a table in Markdown, which a `<br>` in one of its cells must not end. */
const TABLE_LINE = /^[ \t]*\|.*<br.*$/gim;

/**
 * Reads the visible text of a text that may be plain, Markdown, HTML or a mixture. Only tags that are markup are taken
 * for it, entities are decoded once, and code and formulas are left alone. Line ends outside of blocks are kept, as are
 * the marks of Markdown.
 */
export const visibleText = (given: string): string => {
  if (!mayHaveMarkup(given)) return given;
  const text = withStableAddresses(given.replace(/[\ufdd0\ufdd1]/g, ""));
  const marked = mapProse(
    text,
    (prose) => withTags(prose).replace(BARE_AMPERSAND, LITERAL_AMPERSAND),
    literal,
  ).replace(TABLE_LINE, (line) => line.replace(/<br\b[^<>]*>/gi, " "));
  const { text: html, hasTags, hasLines } = readTags(marked);
  const writer = readHtml(html, () => new InlineWriter({ keepsLines: hasLines || !hasTags }));
  return restore(writer.take());
};
