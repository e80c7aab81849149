import { UnsiloedError } from "../errors.js";
import type { Point, PointVector, SearchQuery } from "./sink.js";

/** Returns the index of the first number that is not a finite float32; the length when there is none. */
const firstNotFinite = (vector: PointVector): number => {
  let index = 0;
  // A plain loop, because it runs over thousands of numbers of every point.
  while (index < vector.length && Number.isFinite(Math.fround(Number(vector[index])))) index += 1;
  return index;
};

/**
 * Checks a point before the first point of its call is written. For every store.
 *
 * @throws UnsiloedError `STORE_MISMATCH` for a vector of another length, `STORE_REFUSED` for one with a number that is
 *   not a finite float32
 */
export const checkPoint = ({ id, vector, metadata }: Point, dimensions: number): void => {
  if (vector.length !== dimensions) {
    throw new UnsiloedError(
      "STORE_MISMATCH",
      `point ${id} of ${metadata.doc_id}: its vector has ${vector.length} dimensions, expected ${dimensions} as in the collection; nothing was written`,
    );
  }
  const bad = firstNotFinite(vector);
  if (bad < vector.length) {
    throw new UnsiloedError(
      "STORE_REFUSED",
      `point ${id} of ${metadata.doc_id}: number ${bad} of its vector is ${vector[bad]}, expected a finite float32; nothing was written`,
    );
  }
};

/**
 * Checks a query before it is sent. For every store.
 *
 * @param dimensions length of the stored vectors, where it is known
 * @throws UnsiloedError `INVALID_OPTION` when the vector or the text that the mode needs is missing, or `k` is wrong;
 *   `STORE_MISMATCH` for a vector of another length; `STORE_REFUSED` for one with a number that is not a finite float32
 */
export const checkQuery = ({ mode, k, text, vector }: SearchQuery, dimensions: number | undefined): void => {
  if (!Number.isInteger(k) || k < 1) {
    throw new UnsiloedError("INVALID_OPTION", `search: k: expected a whole number ≥ 1, got ${k}`);
  }
  if (mode === "text") {
    if (text === undefined) throw missing("text", mode);
    return;
  }
  if (!vector) throw missing("vector", mode);
  if (dimensions !== undefined && vector.length !== dimensions) {
    throw new UnsiloedError(
      "STORE_MISMATCH",
      `the vector of the question has ${vector.length} dimensions, expected ${dimensions} as in the collection; search with the model it was filled with`,
    );
  }
  const bad = firstNotFinite(vector);
  if (bad < vector.length) {
    throw new UnsiloedError(
      "STORE_REFUSED",
      `number ${bad} of the question's vector is ${vector[bad]}, expected a finite float32`,
    );
  }
};

const missing = (what: string, mode: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `search: ${what}: expected one for mode "${mode}", got nothing`);
