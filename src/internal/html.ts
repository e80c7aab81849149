import { DomHandler, Parser, parseDocument } from "htmlparser2";

export type HtmlNode = DomHandler["root"]["children"][number];

/**
 * The parser looks for what a closing tag closes among all open ones. Depth times length bounds that work to about a
 * second; short texts may nest deeply, long ones up to 256 levels.
 */
const MAX_DEPTH_TIMES_LENGTH = 3e9;
const ALWAYS_DEPTH = 256;
/** Tags in all; each takes some 250 bytes of memory when it may take three of text. */
const MAX_TAGS = 500_000;

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

class TooComplex extends Error {}

/** Builds the tree, up to the limits. */
class BoundedHandler extends DomHandler {
  readonly #mostDepth: number;
  #depth = 0;
  #tags = 0;

  constructor(length: number) {
    super();
    this.#mostDepth = Math.max(ALWAYS_DEPTH, MAX_DEPTH_TIMES_LENGTH / length);
  }

  override onopentag(name: string, attributes: Record<string, string>): void {
    if (++this.#depth > this.#mostDepth || ++this.#tags > MAX_TAGS) throw new TooComplex();
    super.onopentag(name, attributes);
  }

  override onclosetag(): void {
    this.#depth -= 1;
    super.onclosetag();
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
 * Parses HTML as data: nothing is fetched or run, and attributes such as event handlers are only text. HTML of more
 * than 500,000 tags, or of very many within each other, is no document but an attack or an accident: it is reduced
 * to its text.
 */
export const parseHtml = (html: string): HtmlNode[] => {
  const handler = new BoundedHandler(html.length);
  try {
    new Parser(handler).end(html);
    return handler.root.children;
  } catch (thrown) {
    if (thrown instanceof TooComplex) return parseDocument(withoutTags(html)).children;
    throw thrown;
  }
};

/** Whether a text is HTML rather than prose that happens to hold a `<`. */
export const looksLikeHtml = (text: string): boolean =>
  /^\s*<(?:!doctype|html|body|[ph][1-6]?|div|span|ul|ol|li|table|figure|pre|em|strong|b|i|math)[\s>/]/i.test(
    text,
  );

/** The visible text of HTML: tags dropped, entities decoded, `<br>` and blocks as line ends. Scripts are not text. */
export const htmlToText = (nodes: HtmlNode[] | string): string => {
  const pieces: string[] = [];
  const endOfBlock = Symbol("end of block");
  const work: (HtmlNode | typeof endOfBlock)[] = [...(typeof nodes === "string" ? parseHtml(nodes) : nodes)];
  work.reverse();
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (node === endOfBlock) pieces.push("\n");
    else if (node.type === "text") pieces.push(node.data.replace(/\s+/g, " "));
    else if (node.type === "tag") {
      if (node.name === "br") pieces.push("\n");
      if (node.name === "td" || node.name === "th") pieces.push(" ");
      if (BLOCKS.has(node.name)) {
        pieces.push("\n");
        work.push(endOfBlock);
      }
      for (let index = node.children.length - 1; index >= 0; index--) {
        const child = node.children[index];
        if (child) work.push(child);
      }
    }
  }
  // Line by line, as a pattern for blanks around line ends takes the square of a run of blanks.
  return pieces
    .join("")
    .split("\n")
    .map((line) => line.replace(/ {2,}/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
};
