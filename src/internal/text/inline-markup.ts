import { htmlToText } from "./html.js";

/** Markup of Markdown and HTML, which is not printed, and entities, which are printed as the character they name. */
const MARKUP =
  /\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)|<\/?(?:[abipsu]|h[1-6]|t[rdh]|[ou]l|li|br|em|strong|su[bp]|span|div|code|del|ins|mark|small|table)(?=[\s/>])[^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/gi;

/** The same and the commands of formulas, such as `\frac`. */
const MARKUP_AND_COMMANDS = new RegExp(`${MARKUP.source}|\\\\[a-z]+`, "gi");

const FORMULA = /\$|\\[([]/;

const MAY_BE_MARKUP = /\]\(|<\/?[a-z]|&[#a-z]|\\[a-z]/i;

/** Tells quickly whether a text may have markup; a few texts without markup pass as well. */
export const mayHaveMarkup = (text: string): boolean => MAY_BE_MARKUP.test(text);

/** A part of a text as it is printed. */
export interface PrintedRun {
  text: string;
  /** Its position in the text. */
  offset: number;
  /** Whether it replaces an entity, so that all of its characters are at `offset`. */
  isEntity: boolean;
}

/** Yields what is printed of a text in Markdown or HTML, in order. */
export function* printedRuns(text: string): Generator<PrintedRun> {
  let start = 0;
  for (const { index, 0: mark } of text.matchAll(FORMULA.test(text) ? MARKUP_AND_COMMANDS : MARKUP)) {
    yield { text: text.slice(start, index), offset: start, isEntity: false };
    if (mark.startsWith("&")) yield { text: htmlToText(mark), offset: index, isEntity: true };
    start = index + mark.length;
  }
  yield { text: text.slice(start), offset: start, isEntity: false };
}
