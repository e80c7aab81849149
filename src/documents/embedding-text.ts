import type { DocumentInterface } from "@langchain/core/documents";
import type { SplitMetadata } from "./metadata.js";
import { headingText } from "./section-path.js";
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

/**
 * The text full-text search sees: what the reader sees, less the caption that later parts of a table repeat,
 * because words repeated in every point lose their weight in BM25.
 */
export const lexicalText = (document: Embeddable): string => {
  const { caption, part_index = 0 } = document.metadata;
  return caption && part_index > 0 && document.pageContent.startsWith(caption)
    ? document.pageContent.slice(caption.length).trimStart()
    : document.pageContent;
};
