import { stableAddress, withoutDataUris } from "./addresses.js";

/**
 * Code and formulas, in which nothing is markup: fenced blocks, code spans, `$…$` with a command or a script in it,
 * `\(…\)` and `\[…\]`. Lengths are bounded, so that signs without a partner cost little.
 */
const PROTECTED =
  /((?:^|(?<=\n))[ \t]*(`{3,}|~{3,})(?![`~])[^\n]*\n(?:[\s\S]*?\n[ \t]*\2[^\n]*|[\s\S]*)|(?<!`)(`{1,3})(?!`)[^\n]{1,1000}?(?<!`)\3(?!`)|\$\$[\s\S]{1,4000}?\$\$|\\\([^\n]{1,1000}?\\\)|\\\[[\s\S]{1,4000}?\\\]|(?<![\\$\w])\$(?=\S)(?=[^$\n]*[\\^_{])[^$\n]{1,300}?(?<=\S)\$(?![\d$]))/;

/** Cuts a text into stretches of prose and, between them, of code and formulas. */
const stretches = (text: string): { text: string; isProtected: boolean }[] => {
  if (!/[`$~]|\\[([]/.test(text)) return [{ text, isProtected: false }];
  const found: { text: string; isProtected: boolean }[] = [];
  let from = 0;
  for (const { index, 0: match } of text.matchAll(new RegExp(PROTECTED, "g"))) {
    found.push({ text: text.slice(from, index), isProtected: false }, { text: match, isProtected: true });
    from = index + match.length;
  }
  found.push({ text: text.slice(from), isProtected: false });
  return found;
};

/** Changes the prose of a text in Markdown with one function, its code and formulas with another. */
export const mapProse = (
  text: string,
  prose: (text: string) => string,
  code: (text: string) => string = (same) => same,
): string =>
  stretches(text)
    .map((each) => (each.isProtected ? code(each.text) : prose(each.text)))
    .join("");

const STRUCK = /(?<!~)~~(?=[^\s~])([^\n]{0,2000}?[^\s~])~~(?!~)/g;
const RAISED =
  /(?<=[\p{L}\p{N})\]*%])\^((?:[+\-−–]?\d{1,4}|\p{L}|\d+(?:,\d+)+|[*†‡]{1,3})|(?:st|nd|rd|th))\^(?![\d^])/gu;
const LOWERED = /(?<=[\p{L})\]])~([\p{L}\d]{1,8}[+-]?)~(?!~)/gu;

/** Writes raised, lowered and struck text as tags: `10^6^`, `H~2~O`, `~~5 %~~`. */
export const withTags = (text: string): string =>
  /[~^]/.test(text)
    ? text.replace(STRUCK, "<del>$1</del>").replace(RAISED, "<sup>$1</sup>").replace(LOWERED, "<sub>$1</sub>")
    : text;

const ALT = String.raw`((?:[^\][]|\[[^\][\n]{0,200}\]){0,500})`;
const TITLE = String.raw`(?:\s+(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'))?\s*`;
const DESTINATION = String.raw`\s*(?:<([^<>\n]*)>|((?:[^\s()<>]|\([^\s()<>]*\))*))`;
const IMAGE = new RegExp(`!\\[${ALT}\\]\\(${DESTINATION}(${TITLE})\\)`, "g");
const IMAGE_BY_NAME = new RegExp(`!\\[${ALT}\\]\\[([^\\][\\n]{0,200})\\]`, "g");
const LINK = new RegExp(`\\[${ALT}\\]\\(${DESTINATION}(${TITLE})\\)`, "g");
const LINK_START = /(\]\(\s*<?)([^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)/g;
const DEFINITION = /^([ \t]{0,3}\[([^\][\n]{1,200})\]:[ \t]*)(?:<([^<>\n]*)>|(\S*))([^\n]*)\n?/gm;
const SVG_URI = /data:image\/svg\+xml[^,\s]{0,100},\s*<svg[\s\S]*?<\/svg>/gi;

/** Removes data URIs from a text in Markdown or HTML; what is left of a picture is its alternative text. */
const withoutPictureData = (text: string): string => {
  const bare = withoutDataUris(text.replace(SVG_URI, ""));
  const gone = new Set<string>();
  const defined = bare.replace(DEFINITION, (line: string, _start, name: string, quoted = "", plain = "") => {
    if (quoted !== "" || plain !== "") return line;
    gone.add(name.toLowerCase());
    return "";
  });
  return (gone.size > 0 ? defined.replace(/\n{3,}/g, "\n\n") : defined)
    .replace(IMAGE, (image: string, alt: string, quoted = "", plain = "") => (quoted || plain ? image : alt))
    .replace(IMAGE_BY_NAME, (image: string, alt: string, name: string) =>
      gone.has((name || alt).toLowerCase()) ? alt : image,
    );
};

/** Removes what expires from addresses in Markdown, and pictures that are written into the text. */
export const withStableAddresses = (text: string): string => {
  const bare = /data:/i.test(text) ? withoutPictureData(text) : text;
  if (!bare.includes("?")) return bare;
  return bare
    .replace(LINK_START, (_match, start: string, address: string) => start + stableAddress(address))
    .replace(DEFINITION, (line: string, _start, _name, quoted?: string, plain?: string) => {
      const address = quoted ?? plain ?? "";
      return line.replace(address, () => stableAddress(address));
    });
};

const STRONG = /(\*\*|__)(?=[^\s*_])((?:(?!\1)[^\n]){1,1000}?)(?<=\S)\1/g;
const EMPHASIS = /(?<![\p{L}\p{N}*_\\])([*_])(?=[^\s*_])([^*_\n]{1,1000}?)(?<=\S)\1(?![\p{L}\p{N}*_])/gu;
const CODE = /^(`+) ?([\s\S]*?) ?\1$/;
const ESCAPED = /\\([*_#|~^<>&$%`[\]{}])/g;

const plainProse = (text: string): string =>
  text
    .replace(IMAGE, "$1")
    .replace(LINK, "$1")
    .replace(STRONG, "$2")
    .replace(EMPHASIS, "$2")
    .replace(ESCAPED, "$1");

/** Removes the marks of Markdown from one line, as for cells and headings: emphasis, links, code, escapes. */
export const withoutMarks = (text: string): string =>
  /[*_`[\\]/.test(text)
    ? mapProse(text, plainProse, (code) => (code.startsWith("`") ? code.replace(CODE, "$2") : code))
    : text;
