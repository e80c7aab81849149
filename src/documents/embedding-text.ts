import type { DocumentInterface } from "@langchain/core/documents";
import { startsWith } from "../internal/lists.js";
import { joinBrokenWords } from "../internal/text/broken-words.js";
import type { SplitMetadata } from "./metadata.js";
import { headingText } from "./sections/section-path.js";
import { isHeading } from "./segment-type.js";
import { withTableAsPairs } from "./table-text.js";

type Embeddable = DocumentInterface<Pick<SplitMetadata, "section_path"> & Partial<SplitMetadata>>;

/** Writes the line before an embedded text: its section path, without the headings that the text begins with. */
export const embeddingPrefix = ({ pageContent, metadata: { section_path } }: Embeddable): string => {
  if (section_path.length === 0) return "";
  const opening = pageContent.split("\n", 8).map(headingText);
  return section_path.filter((heading) => !opening.includes(heading)).join(" > ");
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

const captionAbove = ({ pageContent, metadata: { caption } }: Embeddable): string | undefined =>
  caption && pageContent.startsWith(caption) ? caption : undefined;

/**
 * The texts full-text search sees, one for each split of a document: what the reader sees. Section paths are not in
 * them, as words repeated in every split lose their weight. The caption that each part of a table repeats is: without
 * it, the first part is found for what stands in another (measured by `bench/retrieval`).
 *
 * Headings that stand alone before what they open count with it, and captions with what they describe: short as they
 * are, they would be found before what they announce, and they answer nothing.
 *
 * Words that line ends divide are joined here, because a word of one split is evidence for a word of another.
 *
 * @param splits of one document, in order
 */
export const lexicalTexts = (splits: readonly Embeddable[]): string[] => {
  const captions = new Set(splits.map(captionAbove));
  let waiting: string[] = [];
  const texts = splits.map((split, index) => {
    const { caption_of, section_path, segment_type = "" } = split.metadata;
    if (caption_of !== undefined && captions.has(split.pageContent)) return "";
    const next = splits[index + 1]?.metadata.section_path;
    if (isHeading(segment_type) && next && startsWith(next, section_path)) {
      waiting.push(...split.pageContent.split("\n").map(headingText));
      return "";
    }
    const text = [...waiting.filter((line) => line !== ""), split.pageContent].join("\n\n");
    waiting = [];
    return text;
  });
  return joinBrokenWords(texts);
};
