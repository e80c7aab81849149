import { parseDocument } from "htmlparser2";

type ParsedDocument = ReturnType<typeof parseDocument>;
export type HtmlNode = ParsedDocument["children"][number];

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

export const parseHtml = (html: string): HtmlNode[] => parseDocument(html).children;

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
  return pieces
    .join("")
    .replace(/[ \t]*\n[ \t]*/g, "\n")
    .replace(/\n{2,}/g, "\n")
    .replace(/ {2,}/g, " ")
    .trim();
};
