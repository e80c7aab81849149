const INDENTED_LINE = /^(?: {2,}|\t)[ \t]*\S/;

const withoutLeadingLines = (text: string): string => text.replace(/^(?:[ \t]*\r?\n)+/, "");

/** Removes blank lines before and white space after a text. */
const withoutBlankLines = (text: string): string => withoutLeadingLines(text).trimEnd();

/** Tells whether the first line of a text and another one are indented, so that what it begins with means something. */
const isIndented = (text: string): boolean =>
  /^\s*[ \t]\S/.test(text) &&
  /^[ \t]+[^\n]*\n(?:[^\n]*\n)*?(?: {2,}|\t)[ \t]*\S/.test(withoutLeadingLines(text));

/** Removes blank lines and white space around a text, but not the indentation of the first line of code. */
export const trimText = (text: string): string => (isIndented(text) ? withoutBlankLines(text) : text.trim());

/** The share of indented lines that makes a text code, or a nested list. */
const LEAST_INDENTED = 1 / 4;

/** Tells whether the lines of a text are what is read, with their indentation: code and nested lists. */
export const isCode = (text: string): boolean => {
  if (!/\n(?: {2}|\t)/.test(text) && !isIndented(text)) return false;
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const indented = lines.filter((line) => INDENTED_LINE.test(line)).length;
  return indented > 1 && indented >= lines.length * LEAST_INDENTED;
};

/** Cuts a range out of a text, without white space around it; a line of code keeps its indentation. */
export const trimmedRange = (text: string, start: number, end: number, keepsIndentation: boolean): string => {
  const range = text.slice(start, end);
  const isLine = start === 0 || text.charAt(start - 1) === "\n";
  return keepsIndentation && isLine ? withoutBlankLines(range) : range.trim();
};
