const INDENTED_LINE = /\n(?: {2,}|\t)\s*\S/;

/** Tells whether the indentation of a text means something, as in code: its first line and another one are indented. */
const isIndented = (text: string): boolean =>
  /^(?:[ \t]*\r?\n)*[ \t]+\S/.test(text) && INDENTED_LINE.test(text);

/** Removes blank lines and blanks around a text, but not the indentation of the first line of code. */
export const trimText = (text: string): string =>
  isIndented(text) ? text.replace(/^(?:[ \t]*\r?\n)+/, "").trimEnd() : text.trim();
