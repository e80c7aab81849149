import type { DocumentInterface } from "@langchain/core/documents";
import { startsWith } from "../internal/lists.js";
import { joinBrokenWords } from "../internal/text/broken-words.js";
import type { SplitMetadata } from "./metadata.js";
import { headingText } from "./sections/section-path.js";
import { nameInWords, titleForAll } from "./sections/title.js";
import { isHeading } from "./segment-type.js";
import { withGroupsInRows, withTableAsPairs } from "./text/table-text.js";

type Embeddable = DocumentInterface<Pick<SplitMetadata, "section_path"> & Partial<SplitMetadata>>;

const isSame = (heading: string, title: string): boolean => heading.toLowerCase() === title.toLowerCase();

/** Returns the title of the document and the headings of a section path that a text does not begin with. */
const namesAbove = (title: string | undefined, path: readonly string[], pageContent: string): string[] => {
  const isKnown = title === undefined || path.some((heading) => isSame(heading, title));
  const names = isKnown ? path : [title, ...path];
  if (names.length === 0) return [];
  const opening = pageContent.split("\n", 8).map(headingText);
  return names.filter((name) => !opening.includes(name));
};

/**
 * Writes the line before an embedded text: the document's title and the section path, without those that the text
 * begins with.
 */
export const embeddingPrefix = ({ pageContent, metadata: { title, section_path } }: Embeddable): string =>
  namesAbove(title, section_path, pageContent).join(" > ");

/**
 * The text a vector is made of: the document's title, the section path and what the reader sees, tables as
 * `column: value` pairs, each row with the names of its groups. Everything that counts against a token budget or identifies a point is in here.
 *
 * Pairs, because they are found better than Markdown (figures in bench/README.md): a model that reads a long text in
 * pieces would see most rows without the names of their columns.
 */
export const embeddingText = (document: Embeddable): string => {
  const prefix = embeddingPrefix(document);
  const { header, row_groups } = document.metadata;
  const text = header ? withTableAsPairs(document.pageContent, { header, row_groups }) : document.pageContent;
  return prefix ? `${prefix}\n\n${text}` : text;
};

const captionAbove = ({ pageContent, metadata: { caption } }: Embeddable): string | undefined =>
  caption && pageContent.startsWith(caption) ? caption : undefined;

/** Returns what full-text search sees of the document and section of a split beside its text. */
export const lexicalNames = ({ pageContent, metadata }: Embeddable): string[] => {
  const { title, section_path, source } = metadata;
  const names = namesAbove(title, section_path.slice(-1), pageContent);
  const file = source === undefined ? undefined : nameInWords(source);
  return file === undefined || names.some((name) => isSame(name, file)) ? names : [file, ...names];
};

/** Returns the title as every text of a document may have it, or `undefined` if no word is left. */
const lexicalTitle = (splits: readonly Embeddable[]): string | undefined => {
  const { title, source } = splits[0]?.metadata ?? {};
  if (title === undefined || isSame(nameInWords(source ?? "") ?? "", title)) return title;
  return (
    titleForAll(
      title,
      splits.map(({ pageContent }) => pageContent),
    ) || undefined
  );
};

/**
 * The texts full-text search sees, one for each split of a document: what the reader sees, below the title and the file
 * name of the document, which tell it from other documents of a collection, and the innermost heading. Words repeated
 * in every split lose their weight, so outer headings are not among them, nor words of the title that tell splits of the
 * document apart (figures in bench/README.md).
 *
 * Rows of a table begin with the names of their groups, because words that stand in the row count for it (measured by
 * `bench:tables -- --groups`).
 *
 * The caption that each part of a table repeats is among them: without it, the first part is found for what stands in
 * another (measured by `bench/retrieval`).
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
  const title = lexicalTitle(splits);
  let waiting: string[] = [];
  const texts = splits.map((split, index) => {
    const { caption_of, section_path, segment_type = "" } = split.metadata;
    if (caption_of !== undefined && captions.has(split.pageContent)) return "";
    const next = splits[index + 1]?.metadata.section_path;
    if (isHeading(segment_type) && next && startsWith(next, section_path)) {
      waiting.push(...split.pageContent.split("\n").map(headingText));
      return "";
    }
    const above = waiting.filter((line) => line !== "");
    const named = { pageContent: split.pageContent, metadata: { ...split.metadata, title } };
    const names = lexicalNames(named).filter((name) => !above.includes(name));
    const { header, row_groups } = split.metadata;
    const shown = header ? withGroupsInRows(split.pageContent, { header, row_groups }) : split.pageContent;
    const text = [...names, ...above, shown].join("\n\n");
    waiting = [];
    return text;
  });
  return joinBrokenWords(texts);
};
