import path from "node:path";
import type { DocumentMetadata } from "../documents/metadata.js";
import { nameInWords } from "../documents/sections/title.js";
import { withoutQueries } from "../internal/scrub.js";

type Named = Pick<DocumentMetadata, "source" | "doc_id" | "title" | "section_path">;

/** Whether a path tells where directories of the machine are: absolute, below a home directory, or above the root. */
const isRevealing = (file: string): boolean =>
  path.win32.isAbsolute(file) || /^(?:[a-z]:|~|file:)/i.test(file) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(file);

const fileName = (file: string): string => file.split(/[/\\]/).findLast((name) => name !== "") ?? file;

/**
 * Names the file of a Document for readers and models: a web address without query and credentials, a relative path, or
 * the name of the file where the path is absolute and the document's id does not end in it.
 */
export const shortSource = ({ source, doc_id }: Pick<Named, "source" | "doc_id">): string => {
  if (/^https?:/i.test(source)) return withoutQueries(source);
  const shown = source.replace(/\s+/g, " ").trim();
  if (!isRevealing(shown)) return shown;
  const name = fileName(shown);
  return !isRevealing(doc_id) && doc_id.endsWith(`/${name}`) ? doc_id : name;
};

const folded = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, " ")
    .trim();

/** Returns the title where neither the section path nor the name of the file says it. */
export const titleBeside = ({ title, source, section_path }: Named): string | undefined => {
  if (title === undefined) return undefined;
  const said = [...section_path, nameInWords(source) ?? ""].map(folded);
  return said.includes(folded(title)) ? undefined : title;
};
