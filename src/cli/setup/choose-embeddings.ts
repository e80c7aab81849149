import type { EmbeddingModel } from "../../embeddings/model.js";
import { UnsiloedError } from "../../errors.js";
import type { Environment } from "./environment.js";

/** Name under which collections remember the bundled model. */
export const BUNDLED_MODEL = "use-lite";

/** What a store gives for a collection that another program made. */
const UNRECORDED_MODEL = "unknown";

/**
 * The model the user named, else OpenAI's when its key is set, else the bundled one.
 *
 * @param named `openai`, `openai:MODEL` or `use-lite`
 * @throws UnsiloedError `INVALID_OPTION` for any other name, `API_KEY_MISSING` for OpenAI without a key
 */
export const chooseEmbeddings = async (
  named: string | undefined,
  environment: Environment,
): Promise<EmbeddingModel> => {
  const choice = named ?? (environment.OPENAI_API_KEY ? "openai" : BUNDLED_MODEL);
  if (choice === BUNDLED_MODEL) {
    const { UseLiteEmbeddings } = await import("../../embeddings/local/use-lite.js");
    return new UseLiteEmbeddings();
  }
  const [, model] = /^openai(?::(.+))?$/.exec(choice) ?? [undefined, ""];
  if (model === "") {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `--embeddings: expected openai, openai:MODEL or use-lite, got "${choice}"`,
    );
  }
  const { PackedOpenAIEmbeddings } = await import("../../embeddings/openai/openai-embeddings.js");
  return new PackedOpenAIEmbeddings(model === undefined ? {} : { model });
};

/** The way to name the model of an existing collection, so that searching needs no option; `undefined` for no guess. */
export const embeddingsForModel = (model: string): string | undefined => {
  if (model === UNRECORDED_MODEL) return undefined;
  return model === BUNDLED_MODEL ? BUNDLED_MODEL : `openai:${model}`;
};
