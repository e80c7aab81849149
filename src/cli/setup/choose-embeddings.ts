import type { EmbeddingModel } from "../../embeddings/model.js";
import { UnsiloedError } from "../../errors.js";
import { UNKNOWN_MODEL } from "../../stores/sink.js";
import type { Environment } from "./environment.js";
import { conditionsOf, configuredOf, MODELS } from "./registry.js";

/** What `--embeddings` accepts, for `--help`. */
export const MODEL_FORMS = MODELS.map(({ name, hasModels }) => (hasModels ? `${name}[:MODEL]` : name)).join(
  " or ",
);

/** Says for `--help` what `--embeddings` accepts and which embeddings are the default. */
export const modelHelp = (): string => {
  const otherwise = MODELS.find(({ variable }) => variable === undefined);
  return `${MODEL_FORMS} (default: ${[...conditionsOf(MODELS), `else ${otherwise?.name}`].join(", ")})`;
};

/** Returns the value of `--embeddings` when the user gives none. */
const defaultModel = (environment: Environment): string =>
  (configuredOf(MODELS, environment) ?? MODELS.find(({ variable }) => variable === undefined))?.name ?? "";

/**
 * Makes the model that the user named, else the one whose key is set, else the bundled one.
 *
 * @param named `NAME` or `NAME:MODEL` of an entry in the registry
 * @throws UnsiloedError `INVALID_OPTION` for an unknown name, `API_KEY_MISSING` for a service without a key
 */
export const chooseEmbeddings = async (
  named: string | undefined,
  environment: Environment,
): Promise<EmbeddingModel> => {
  const choice = named ?? defaultModel(environment);
  const [, name, model] = /^([^:]+)(?::(.+))?$/s.exec(choice) ?? [];
  const entry = MODELS.find((known) => known.name === name);
  if (!entry || (model !== undefined && !entry.hasModels)) {
    throw new UnsiloedError("INVALID_OPTION", `--embeddings: expected ${MODEL_FORMS}, got "${choice}"`);
  }
  return entry.open({ model, environment });
};

/** Returns the value of `--embeddings` for the model of an existing collection; `undefined` when it is not recorded. */
export const embeddingsForModel = (modelName: string): string | undefined => {
  if (modelName === UNKNOWN_MODEL) return undefined;
  const entry = MODELS.find((known) => known.recognizes(modelName));
  return entry?.hasModels ? `${entry.name}:${modelName}` : entry?.name;
};
