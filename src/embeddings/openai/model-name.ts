/** What some models need before each text, such as `query: ` and `passage: ` for those of the E5 family. */
export interface Prefixes {
  /** Before a question. */
  query: string;
  /** Before the text of a document. */
  document: string;
}

/** A model as it is named, with the prefixes that its vectors were made with. */
export interface NamedModel {
  model: string;
  prefixes?: Prefixes | undefined;
}

const WITH_PREFIXES = /^(.+) with query prefix ("(?:[^"\\]|\\.)*") and document prefix ("(?:[^"\\]|\\.)*")$/s;

/** Writes the name that a collection records: vectors that were made with other prefixes must not mix. */
export const writeModelName = ({ model, prefixes }: NamedModel): string => {
  if (!prefixes || (prefixes.query === "" && prefixes.document === "")) return model;
  const [query, document] = [prefixes.query, prefixes.document].map((prefix) => JSON.stringify(prefix));
  return `${model} with query prefix ${query} and document prefix ${document}`;
};

/** Reads a name that {@link writeModelName} wrote. */
export const readModelName = (name: string): NamedModel => {
  const [, model, query, document] = WITH_PREFIXES.exec(name) ?? [];
  if (model === undefined || query === undefined || document === undefined) return { model: name };
  return { model, prefixes: { query: JSON.parse(query), document: JSON.parse(document) } };
};
