import { chooseEmbeddings } from "../../src/cli/setup/choose-embeddings.js";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import type { EmbeddingModel } from "../../src/embeddings/model.js";

/** Stands in for a model where only words are searched: every text has the same vector. */
class NoEmbeddings implements EmbeddingModel {
  readonly modelName = "none";
  readonly dimensions = 2;

  async embedDocuments(texts: string[]): Promise<number[][]> {
    return texts.map(() => [1, 0]);
  }

  async embedQuery(): Promise<number[]> {
    return [1, 0];
  }
}

/**
 * Opens the model that is measured, with its vectors cached on disk, because a bundled model may embed only a few texts
 * a second.
 *
 * @param name what `--embeddings` of the command accepts, or `none`; the bundled model where it is `undefined`
 */
export const openModel = async (name: string | undefined, cache: string): Promise<EmbeddingModel> => {
  if (name === "none") return new NoEmbeddings();
  const model = await chooseEmbeddings({ embeddings: name }, name === undefined ? {} : process.env);
  return new CachedEmbeddings(model, { directory: cache });
};
