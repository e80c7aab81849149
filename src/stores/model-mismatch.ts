import { UnsiloedError } from "../errors.js";
import { type CollectionSpec, UNKNOWN_MODEL } from "./sink.js";

/** A model, and the length of its vectors where it is known. */
interface NamedModel {
  model: string;
  dimensions?: number | undefined;
}

const describe = ({ model, dimensions }: NamedModel): string => {
  const named = model === UNKNOWN_MODEL ? "an unknown model" : `model "${model}"`;
  return dimensions === undefined ? named : `${named} (${dimensions} dimensions)`;
};

/**
 * Makes the error for a collection that was filled with another embedding model, with what to do about it.
 *
 * @param collection the collection as messages name it
 * @param found what it was filled with
 * @param wanted the model of the call; the dimensions are named where they are known
 */
export const modelMismatch = (collection: string, found: CollectionSpec, wanted: NamedModel): UnsiloedError =>
  new UnsiloedError(
    "STORE_MISMATCH",
    `${collection} holds vectors of ${describe(found)}, expected those of ${describe(wanted)}; choose another collection, for which kept parse results are embedded again without a new parse`,
  );
