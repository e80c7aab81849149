import type { UnsiloedError } from "../errors.js";
import type { DocumentSource } from "./source.js";

/** Makes a source that could not be found. It fails when it is read, and does not stop the others. */
export const failingSource = (
  named: Omit<DocumentSource, "identify" | "countPages" | "read">,
  error: UnsiloedError,
): DocumentSource => ({
  ...named,
  identify: () => Promise.reject(error),
  read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
});
