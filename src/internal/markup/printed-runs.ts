/** What Markdown adds to a text and a page does not print: the address of a link. */
const ADDRESS = /\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)/g;

/** The same, and the commands of a formula, such as `\frac`. */
const ADDRESS_OR_COMMAND = new RegExp(`${ADDRESS.source}|\\\\[a-z]+`, "gi");

const FORMULA = /\$|\\[([]/;

const MAY_BE_MARKUP = /\]\(|\\[a-z]/i;

/** Tells quickly that a text has no markup: every text that has some passes, and a few others. */
export const mayHaveMarkup = (text: string): boolean => MAY_BE_MARKUP.test(text);

/** A stretch of a text as it is printed. */
export interface PrintedRun {
  text: string;
  /** Where it stands in the text. */
  offset: number;
}

/** Yields what is printed of a text in Markdown, in order. Markup of HTML is no longer in the text of a Document. */
export function* printedRuns(text: string): Generator<PrintedRun> {
  let start = 0;
  for (const { index, 0: mark } of text.matchAll(FORMULA.test(text) ? ADDRESS_OR_COMMAND : ADDRESS)) {
    yield { text: text.slice(start, index), offset: start };
    start = index + mark.length;
  }
  yield { text: text.slice(start), offset: start };
}
