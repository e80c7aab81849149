import { localEntry } from "../../embeddings/local/entry.js";
import type { ModelEntry } from "../../embeddings/model-entry.js";
import { openAIEntry } from "../../embeddings/openai/entry.js";
import { lanceDbEntry } from "../../stores/lancedb/entry.js";
import { qdrantEntry } from "../../stores/qdrant/entry.js";
import type { StoreEntry } from "../../stores/store-entry.js";

// Everything that `--store` and `--embeddings` offer, help and messages included, follows from these two lists.

/** The stores of the command. Without `--store` the first whose variable is set is chosen, else one with a default target. */
export const STORES: readonly StoreEntry[] = [lanceDbEntry, qdrantEntry];

/** The embeddings of the command. Without `--embeddings` the first whose variable is set is chosen, else one without a variable. */
export const MODELS: readonly ModelEntry[] = [localEntry, openAIEntry];

type Entry = Pick<StoreEntry, "name" | "variable">;

/** Lists the entries that an environment variable chooses, for `--help`. */
export const conditionsOf = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ name, variable }) => (variable === undefined ? [] : [`${name} if ${variable} is set`]));

/** Finds the first entry whose environment variable is set. */
export const configuredOf = <E extends Entry>(
  entries: readonly E[],
  environment: Readonly<Record<string, string | undefined>>,
): E | undefined =>
  entries.find(({ variable }) => variable !== undefined && environment[variable] !== undefined);
