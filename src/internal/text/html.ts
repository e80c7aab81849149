import { Parser } from "htmlparser2";

/**
 * The parser looks for what a closing tag closes among all open ones. Depth times length bounds that work to about a
 * second; short texts may nest deeply, long ones up to 256 levels.
 */
const MAX_DEPTH_TIMES_LENGTH = 3e9;
const ALWAYS_DEPTH = 256;
/** Tags in all, more than any document has. */
const MAX_TAGS = 500_000;

/** Elements that stand on lines of their own. */
const BLOCKS = new Set([
  "p",
  "div",
  "li",
  "ul",
  "ol",
  "tr",
  "table",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "pre",
  "blockquote",
]);

/** What parts the words before and after a tag: a line end, a blank between cells, nothing for mark-up in a line. */
export const openingGap = (name: string): string =>
  name === "td" || name === "th" ? " " : name === "br" || BLOCKS.has(name) ? "\n" : "";

export const closingGap = (name: string): string => (BLOCKS.has(name) ? "\n" : "");

/** Is told what HTML holds, in its order. Tags are closed as often as opened, in the order of their nesting. */
export interface HtmlReader {
  /** @param name in lower case, as are those of the attributes */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  /** Text with its entities decoded, perhaps in several pieces. */
  text(data: string): void;
  /** Something between two texts that is neither text nor a tag to be told of. */
  interrupt?(): void;
}

class TooComplex extends Error {}

/** Hands on what the parser finds, up to the limits, and nothing of scripts and styles. */
class Events {
  readonly #reader: HtmlReader;
  readonly #mostDepth: number;
  #depth = 0;
  #tags = 0;
  /** Open tags from the script or style inwards. */
  #hidden = 0;

  constructor(reader: HtmlReader, length: number) {
    this.#reader = reader;
    this.#mostDepth = Math.max(ALWAYS_DEPTH, MAX_DEPTH_TIMES_LENGTH / length);
  }

  onopentag(name: string, attributes: Record<string, string>): void {
    if (++this.#depth > this.#mostDepth || ++this.#tags > MAX_TAGS) throw new TooComplex();
    if (this.#hidden > 0 || name === "script" || name === "style") {
      this.#hidden += 1;
      this.#reader.interrupt?.();
    } else this.#reader.open(name, attributes);
  }

  onclosetag(name: string): void {
    this.#depth -= 1;
    if (this.#hidden > 0) this.#hidden -= 1;
    else this.#reader.close(name);
  }

  ontext(data: string): void {
    if (this.#hidden === 0) this.#reader.text(data);
  }

  oncomment(): void {
    this.#reader.interrupt?.();
  }

  onprocessinginstruction(): void {
    this.#reader.interrupt?.();
  }
}

/** A text without what stands between `<` and `>`. */
const withoutTags = (html: string): string => {
  const pieces: string[] = [];
  let from = 0;
  for (let open = html.indexOf("<"); open >= 0; open = html.indexOf("<", from)) {
    pieces.push(html.slice(from, open));
    const close = html.indexOf(">", open);
    if (close < 0) return pieces.join(" ");
    from = close + 1;
  }
  pieces.push(html.slice(from));
  return pieces.join(" ");
};

/**
 * Reads HTML as data: nothing is fetched or run, and attributes such as event handlers are only text. HTML of more
 * than 500,000 tags, or of very many within each other, is no document but an attack or an accident: it is reduced
 * to its text.
 *
 * @param start makes a reader, and a second one where the first was told of too many tags
 * @returns the reader that was told everything
 */
export const readHtml = <Reader extends HtmlReader>(html: string, start: () => Reader): Reader => {
  const reader = start();
  try {
    new Parser(new Events(reader, html.length)).end(html);
    return reader;
  } catch (thrown) {
    if (thrown instanceof TooComplex) return readHtml(withoutTags(html), start);
    throw thrown;
  }
};

/** Whether a text is HTML rather than prose that happens to hold a `<`. */
export const looksLikeHtml = (text: string): boolean =>
  /^\s*<(?:!doctype|html|body|[ph][1-6]?|div|span|ul|ol|li|table|figure|pre|em|strong|b|i|math)[\s>/]/i.test(
    text,
  );

class VisibleText implements HtmlReader {
  #text = "";

  open(name: string): void {
    this.#text += openingGap(name);
  }

  close(name: string): void {
    this.#text += closingGap(name);
  }

  text(data: string): void {
    this.#text += data.replace(/\s+/g, " ");
  }

  /** Line by line, as a pattern for blanks around line ends takes the square of a run of blanks. */
  lines(): string[] {
    return this.#text
      .split("\n")
      .map((line) => line.replace(/ {2,}/g, " ").trim())
      .filter((line) => line !== "");
  }
}

/** The visible text of HTML: tags dropped, entities decoded, `<br>` and blocks as line ends. Scripts are not text. */
export const htmlToText = (html: string): string =>
  readHtml(html, () => new VisibleText())
    .lines()
    .join("\n");
