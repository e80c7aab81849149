import { Parser } from "htmlparser2";

/**
 * The parser searches all open tags for the one that a closing tag closes. Limiting depth times length limits that
 * work to about a second; short texts may be nested deeply, long ones up to 256 levels.
 */
const MAX_DEPTH_TIMES_LENGTH = 3e9;
const ALWAYS_DEPTH = 256;
/** The most tags; no document has as many. */
const MAX_TAGS = 500_000;

/** Receives the contents of HTML in their order. Each tag that is opened is closed, in the order of nesting. */
export interface HtmlReader {
  /** @param name in lower case, like the names of the attributes */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  /** @param data a text with its entities decoded, or a part of it */
  text(data: string): void;
  /** Called for what separates two texts although it is neither: comments, scripts and styles. */
  interrupt?(): void;
}

class TooComplex extends Error {}

/** Elements that are not printed. */
const UNPRINTED = new Set(["script", "style", "template", "datalist"]);

const HIDDEN_STYLE = /display\s*:\s*none/i;

/** A formula in LaTeX, which a script of the page prints. */
const FORMULA_TYPE = /^\s*math\/tex\b/i;

const isUnprinted = (name: string, { hidden, style, type = "" }: Record<string, string>): boolean =>
  (UNPRINTED.has(name) && !(name === "script" && FORMULA_TYPE.test(type))) ||
  hidden !== undefined ||
  (style !== undefined && HIDDEN_STYLE.test(style));

/** Passes on what the parser finds, up to the limits and without scripts, styles and hidden elements. */
class Events {
  readonly #reader: HtmlReader;
  readonly #mostDepth: number;
  #depth = 0;
  #tags = 0;
  /** How many tags are open within a hidden element, itself included. */
  #hidden = 0;
  /** How many tags are open within a hidden element's formula, itself included. */
  #formula = 0;

  constructor(reader: HtmlReader, length: number) {
    this.#reader = reader;
    this.#mostDepth = Math.max(ALWAYS_DEPTH, MAX_DEPTH_TIMES_LENGTH / length);
  }

  onopentag(name: string, attributes: Record<string, string>): void {
    if (++this.#depth > this.#mostDepth || ++this.#tags > MAX_TAGS) throw new TooComplex();
    // An element that hides only a formula hides it for the eye: a picture shows the same.
    if (this.#formula > 0 || (this.#hidden === 1 && name === "math")) {
      this.#formula += 1;
      this.#reader.open(name, attributes);
    } else if (this.#hidden > 0 || isUnprinted(name, attributes)) {
      this.#hidden += 1;
      this.#reader.interrupt?.();
    } else this.#reader.open(name, attributes);
  }

  onclosetag(name: string): void {
    this.#depth -= 1;
    if (this.#hidden > 0 && this.#formula === 0) this.#hidden -= 1;
    else {
      if (this.#formula > 0) this.#formula -= 1;
      this.#reader.close(name);
    }
  }

  ontext(data: string): void {
    if (this.#hidden === 0 || this.#formula > 0) this.#reader.text(data);
  }

  oncomment(): void {
    this.#reader.interrupt?.();
  }

  onprocessinginstruction(): void {
    this.#reader.interrupt?.();
  }
}

/** Removes everything between `<` and `>`. */
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
 * Reads HTML as data: nothing is fetched or run, and attributes such as event handlers are only text. HTML with more
 * than 500,000 tags, or with extremely deep nesting, is an attack or an accident: only its text is read.
 *
 * @param start makes a reader, and another one if there are too many tags for the first
 * @returns the reader that has received everything
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
