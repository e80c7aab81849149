import type { DocumentInterface } from "@langchain/core/documents";
import type { SplitMetadata } from "./metadata.js";
import { headingText } from "./section-path.js";
import { isHeading } from "./segment-type.js";
import { withTableAsPairs } from "./table-text.js";

type Embeddable = DocumentInterface<Pick<SplitMetadata, "section_path"> & Partial<SplitMetadata>>;

/** The line put before a text that is embedded: its section path, less the headings the text opens with. */
export const embeddingPrefix = (document: Embeddable): string => {
  const opening = new Set(document.pageContent.split("\n", 8).map(headingText));
  return document.metadata.section_path.filter((heading) => !opening.has(heading)).join(" > ");
};

/**
 * The text a vector is made of: the section path and what the reader sees, tables as `column: value` pairs.
 * Everything that counts against a token budget or identifies a point is in here.
 *
 * Pairs, because they are found better than Markdown (figures in bench/README.md): a model that reads a long text in
 * pieces would see most rows without the names of their columns.
 */
export const embeddingText = (document: Embeddable): string => {
  const prefix = embeddingPrefix(document);
  const { header } = document.metadata;
  const text = header ? withTableAsPairs(document.pageContent, header) : document.pageContent;
  return prefix ? `${prefix}\n\n${text}` : text;
};

const startsWith = (path: readonly string[], opening: readonly string[]): boolean =>
  opening.every((heading, level) => heading === path[level]);

/**
 * The texts full-text search sees, one for each split of a document: what the reader sees, under the heading and the
 * caption it belongs to, which are left out where it says them itself.
 *
 * A caption of a table or picture, and headings that stand alone before what they open, have no text here: short as
 * they are, they would be found before what they announce, and they answer nothing. Their words are looked for there.
 *
 * @param splits of one document, in order
 */
export const lexicalTexts = (splits: readonly Embeddable[]): string[] => {
  let waiting: string[] = [];
  return splits.map(({ pageContent, metadata }, index) => {
    const { caption, caption_of, section_path, segment_type = "" } = metadata;
    if (caption_of !== undefined) return "";
    const next = splits[index + 1]?.metadata.section_path;
    if (isHeading(segment_type) && next && startsWith(next, section_path)) {
      waiting.push(...pageContent.split("\n").map(headingText));
      return "";
    }
    const above = new Set([...waiting, section_path.at(-1) ?? "", caption ?? ""]);
    waiting = [];
    return [...[...above].filter((line) => line !== "" && !pageContent.includes(line)), pageContent].join(
      "\n\n",
    );
  });
};
