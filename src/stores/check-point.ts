import { UnsiloedError } from "../errors.js";
import type { Point } from "./sink.js";

/**
 * Checks a point before anything is written.
 *
 * @throws UnsiloedError `STORE_MISMATCH` for a vector of another length, `STORE_REFUSED` for one with a component
 *   that is not a finite float32
 */
export const checkPoint = ({ id, vector, metadata }: Point, dimensions: number): void => {
  if (vector.length !== dimensions) {
    throw new UnsiloedError(
      "STORE_MISMATCH",
      `point ${id} of ${metadata.doc_id}: its vector has ${vector.length} dimensions, the collection's have ${dimensions}; nothing was written`,
    );
  }
  // As the checks of vectors elsewhere, without a call for each of thousands of numbers.
  let bad = 0;
  while (bad < vector.length && Number.isFinite(Math.fround(Number(vector[bad])))) bad += 1;
  if (bad < vector.length) {
    throw new UnsiloedError(
      "STORE_REFUSED",
      `point ${id} of ${metadata.doc_id}: component ${bad} of its vector is ${vector[bad]}, not a finite float32; nothing was written`,
    );
  }
};
