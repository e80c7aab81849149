import { messageOf } from "../../errors.js";
import type { CollectionInfo } from "../contract.js";
import type { Inspected } from "../options.js";

/** Describes the collection, also where it cannot be opened. */
export const collectionInfo = async ({ sink, state }: Inspected): Promise<CollectionInfo> => {
  const about = { store: sink.description, state };
  try {
    const { spec, modes } = await sink.open();
    return { ...about, model: spec.model, dimensions: spec.dimensions, modes: [...modes], problem: null };
  } catch (thrown) {
    return { ...about, model: null, dimensions: null, modes: [], problem: messageOf(thrown) };
  }
};
