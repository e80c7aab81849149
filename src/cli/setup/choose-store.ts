import { UnsiloedError } from "../../errors.js";
import type { VectorSink } from "../../stores/sink.js";
import type { Environment } from "./environment.js";

/** Where points go when nothing else is said and no server is configured. */
export const DEFAULT_DIRECTORY = ".unsiloed/lancedb";

export interface StoreChoice {
  /** `lancedb:DIR` or `qdrant:URL`. */
  store?: string | undefined;
  collection?: string | undefined;
  /** Put off indexing while points are written. */
  bulk?: boolean | undefined;
}

/**
 * The store the user named, else the one the environment names, else the embedded one.
 *
 * @param onProblem told what goes wrong with what only makes things faster
 * @throws UnsiloedError `INVALID_OPTION` for any other kind of store, or one that cannot do what is asked
 */
export const chooseStore = async (
  choice: StoreChoice,
  environment: Environment,
  onProblem?: (problem: UnsiloedError) => void,
): Promise<VectorSink> => {
  const named =
    choice.store ??
    (environment.QDRANT_URL ? `qdrant:${environment.QDRANT_URL}` : `lancedb:${DEFAULT_DIRECTORY}`);
  const [, kind, target] = /^(lancedb|qdrant)(?::(.+))?$/s.exec(named) ?? [];
  const collection = choice.collection === undefined ? {} : { collection: choice.collection };
  if (kind === "lancedb") {
    if (choice.bulk) {
      throw new UnsiloedError(
        "INVALID_OPTION",
        `--bulk: expected a Qdrant store, got "${named}"; LanceDB brings its indexes up to date by itself`,
      );
    }
    const { LanceDbSink } = await import("../../stores/lancedb/lancedb-sink.js");
    return new LanceDbSink({ directory: target ?? DEFAULT_DIRECTORY, ...collection });
  }
  const url = target ?? environment.QDRANT_URL;
  if (kind === "qdrant" && url) {
    const { QdrantSink } = await import("../../stores/qdrant/qdrant-sink.js");
    const apiKey = environment.QDRANT_API_KEY === undefined ? {} : { apiKey: environment.QDRANT_API_KEY };
    const bulk = { bulk: choice.bulk ?? false, ...(onProblem && { onProblem }) };
    return new QdrantSink({ url, ...apiKey, ...collection, ...bulk });
  }
  throw new UnsiloedError(
    "INVALID_OPTION",
    `--store: expected lancedb:DIRECTORY or qdrant:URL, got "${named}"`,
  );
};
