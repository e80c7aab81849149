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
