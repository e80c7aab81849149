import type { DocumentInterface } from "@langchain/core/documents";
import type { SplitMetadata } from "./metadata.js";
import { headingText } from "./section-path.js";

type Embeddable = DocumentInterface<Pick<SplitMetadata, "section_path"> & Partial<SplitMetadata>>;

/** The line put before a text that is embedded: its section path, less the headings the text opens with. */
export const embeddingPrefix = (document: Embeddable): string => {
  const opening = new Set(document.pageContent.split("\n").slice(0, 8).map(headingText));
  return document.metadata.section_path.filter((heading) => !opening.has(heading)).join(" > ");
};

/**
 * The text a vector is made of: the section path and what the reader sees. Everything that counts against a token
 * budget or identifies a point is in here.
 */
export const embeddingText = (document: Embeddable): string => {
  const prefix = embeddingPrefix(document);
  return prefix ? `${prefix}\n\n${document.pageContent}` : document.pageContent;
};

/**
 * The text full-text search sees: what the reader sees under the heading it stands under. A caption that belongs to a
 * table or picture is left to that, which opens with it: short as it is, it would come before what it describes.
 */
export const lexicalText = (document: Embeddable): string => {
  const { caption, caption_of, section_path } = document.metadata;
  if (caption_of !== undefined) return "";
  const { pageContent } = document;
  const lines = [section_path.at(-1), caption].filter((line) => line && !pageContent.includes(line));
  return [...lines, pageContent].join("\n\n");
};
