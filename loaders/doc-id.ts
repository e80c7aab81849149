import { UnsiloedError } from "../src/errors.js";
import type { LoaderSettings } from "./loader-options.js";

/** Gives the id of a source; `own` says what it is called when the caller has no say. */
export type DocIdChooser = (source: string, own: () => string) => string;

/**
 * Chooses document ids: the caller's if given, else the source's own.
 *
 * @param count how many sources there are: a text can only name one
 */
export const docIdChooser = (docId: LoaderSettings["docId"], count: number): DocIdChooser => {
  if (typeof docId === "string" && count > 1)
    throw new UnsiloedError(
      "INVALID_OPTION",
      `docId: a text names one source but ${count} were given; pass a function from source to id`,
    );
  return (source, own) => {
    const chosen = typeof docId === "function" ? docId(source) : (docId ?? own());
    if (typeof chosen === "string" && chosen !== "") return chosen;
    throw new UnsiloedError(
      "INVALID_OPTION",
      `docId: expected a text for ${source}, got ${JSON.stringify(chosen)}`,
    );
  };
};
