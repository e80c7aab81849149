import { UnsiloedError } from "../src/errors.js";
import type { LoaderSettings } from "./loader-options.js";

/** Gives the id of a source; `own` says what it is called when the caller has no say. */
export type DocIdChooser = (source: string, own: () => string) => string;

/** A text can name only one source. */
const assertSingle = (option: string, given: unknown, count: number, what: string): void => {
  if (typeof given === "string" && count > 1)
    throw new UnsiloedError(
      "INVALID_OPTION",
      `${option}: a text names one source but ${count} were given; pass a function from source to ${what}`,
    );
};

/**
 * Chooses document ids: the caller's if given, else the source's own.
 *
 * @param count how many sources there are: a text can only name one
 */
export const docIdChooser = (docId: LoaderSettings["docId"], count: number): DocIdChooser => {
  assertSingle("docId", docId, count, "id");
  return (source, own) => {
    const chosen = typeof docId === "function" ? docId(source) : (docId ?? own());
    if (typeof chosen === "string" && chosen !== "") return chosen;
    throw new UnsiloedError(
      "INVALID_OPTION",
      `docId: expected a text for ${source}, got ${JSON.stringify(chosen)}`,
    );
  };
};

/** Gives the title of a source, where the caller does; an empty one takes back what was given before. */
export type TitleChooser = (source: string) => string | undefined;

/** Chooses titles. @param count how many sources there are: a text can only name one */
export const titleChooser = (title: LoaderSettings["title"], count: number): TitleChooser => {
  assertSingle("title", title, count, "title");
  return (source) => {
    const chosen = typeof title === "function" ? title(source) : title;
    if (chosen === undefined || typeof chosen === "string") return chosen?.trim();
    throw new UnsiloedError(
      "INVALID_OPTION",
      `title: expected a text or nothing for ${source}, got ${JSON.stringify(chosen)}`,
    );
  };
};

/** Refuses a second source of one identity: the two would replace each other in a store. */
export class DistinctIds {
  readonly #seen = new Map<string, string>();

  /** @throws UnsiloedError `INVALID_OPTION` */
  checked<Source extends { docId: string; source: string }>(one: Source): Source {
    const { docId, source } = one;
    const other = this.#seen.get(docId);
    if (other !== undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        `docId: ${JSON.stringify(docId)} stands for both ${other} and ${source}; give each source an identity of its own`,
      );
    this.#seen.set(docId, source);
    return one;
  }
}
