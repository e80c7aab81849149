import type { EmbeddingModel } from "../../embeddings/model.js";
import type { ModelChoice, ModelEntry } from "../../embeddings/model-entry.js";
import { UnsiloedError } from "../../errors.js";
import { omitUndefined } from "../../internal/objects.js";
import { modelMismatch } from "../../stores/model-mismatch.js";
import { type CollectionSpec, UNKNOWN_MODEL } from "../../stores/sink.js";
import type { Environment } from "./environment.js";
import { conditionsOf, configuredOf, MODELS } from "./registry.js";

/** The options of a command that say which model embeds. */
export interface EmbeddingsOptions
  extends Pick<ModelChoice, "dimensions" | "queryPrefix" | "documentPrefix"> {
  /** `NAME` or `NAME:MODEL` of an entry in the registry, or `URL#MODEL`. */
  embeddings?: string | undefined;
  /** Headers for the service. */
  embeddingHeader?: Record<string, string> | undefined;
  /** The most tokens that the service takes in a text. */
  embeddingMaxTokens?: number | undefined;
}

/** What `--embeddings` accepts, for `--help`. */
export const MODEL_FORMS = [
  ...MODELS.map(({ name, hasModels }) => (hasModels ? `${name}[:MODEL]` : name)),
  ...(MODELS.some(({ hasAddresses }) => hasAddresses) ? ["URL#MODEL"] : []),
].join(" or ");

/** Says for `--help` what `--embeddings` accepts and which embeddings are the default. */
export const modelHelp = (): string => {
  const otherwise = MODELS.find(({ variable }) => variable === undefined);
  return `${MODEL_FORMS} (default: ${[...conditionsOf(MODELS), `else ${otherwise?.name}`].join(", ")})`;
};

/** Returns the value of `--embeddings` when the user gives none. */
const defaultModel = (environment: Environment): string =>
  (configuredOf(MODELS, environment) ?? MODELS.find(({ variable }) => variable === undefined))?.name ?? "";

interface NamedEntry {
  entry: ModelEntry;
  choice: ModelChoice;
}

const unknownForm = (found: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `--embeddings: expected ${MODEL_FORMS}, got ${found}`);

const readAddress = (named: string): NamedEntry => {
  const entry = MODELS.find(({ hasAddresses }) => hasAddresses);
  // An address may hold a key, so the message does not repeat it.
  if (!entry || !URL.canParse(named)) throw unknownForm("an address that is no URL");
  const [address = "", model] = named.split(/#(.*)/s);
  return { entry, choice: { address, model: model === "" ? undefined : model } };
};

const readForm = (named: string): NamedEntry => {
  if (/^https?:/i.test(named)) return readAddress(named);
  const [, name, model] = /^([^:]+)(?::(.+))?$/s.exec(named) ?? [];
  const entry = MODELS.find((known) => known.name === name);
  if (!entry || (model !== undefined && !entry.hasModels)) throw unknownForm(`"${named}"`);
  return { entry, choice: { model } };
};

/** Refuses what the model cannot be asked for. */
const checkChoice = ({ entry, choice }: NamedEntry): void => {
  const given = {
    "--dimensions": choice.dimensions,
    "--query-prefix": choice.queryPrefix,
    "--document-prefix": choice.documentPrefix,
    "--embedding-header": choice.headers,
    "--embedding-max-tokens": choice.maxInputTokens,
  };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined || entry.hasAddresses) return;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `${option}: expected embeddings of a service, but "${entry.name}" has no such setting`,
  );
};

const settingsOf = ({
  dimensions,
  queryPrefix,
  documentPrefix,
  embeddingHeader: headers,
  embeddingMaxTokens: maxInputTokens,
}: EmbeddingsOptions): ModelChoice =>
  omitUndefined({ dimensions, queryPrefix, documentPrefix, headers, maxInputTokens });

const open = (named: NamedEntry, environment: Environment): Promise<EmbeddingModel> => {
  checkChoice(named);
  return named.entry.open({ ...named.choice, environment });
};

/**
 * Makes the model that the user named, else the one whose key is set, else the bundled one.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an unknown name or a setting that the model does not have,
 *   `API_KEY_MISSING` for a service without a key
 */
export const chooseEmbeddings = async (
  options: EmbeddingsOptions,
  environment: Environment,
): Promise<EmbeddingModel> => {
  const { entry, choice } = readForm(options.embeddings ?? defaultModel(environment));
  return open({ entry, choice: { ...choice, ...settingsOf(options) } }, environment);
};

/**
 * Makes the model for questions to a collection: what the user leaves open is as the collection records it.
 *
 * @throws UnsiloedError as {@link chooseEmbeddings}; `STORE_MISMATCH` for another model or other prefixes than those of
 *   the collection, and when its model is no longer there
 */
export const chooseForCollection = async (
  options: EmbeddingsOptions,
  collection: CollectionSpec,
  environment: Environment,
): Promise<EmbeddingModel> => {
  const { model } = collection;
  const known = model === UNKNOWN_MODEL ? undefined : MODELS.find((entry) => entry.recognizes(model));
  if (!known) return chooseEmbeddings(options, environment);
  if (options.embeddings === undefined && known.needsAddress?.(collection, environment)) {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `--embeddings: the collection holds vectors of model "${model}", and which service has it is unknown; name its address with --embeddings URL`,
    );
  }
  const recorded = known.hasModels ? (known.read?.(collection) ?? { model }) : {};
  const { entry, choice } =
    options.embeddings === undefined ? { entry: known, choice: {} } : readForm(options.embeddings);
  const isRecorded = entry === known && (choice.model === undefined || choice.model === recorded.model);
  const chosen = { ...(isRecorded && recorded), ...omitUndefined(choice), ...settingsOf(options) };
  const opened = await open({ entry, choice: chosen }, environment);
  // The bundled model changes with the version of this package; its former collections are only recognised.
  if (entry === known && !known.hasModels && opened.modelName !== model) {
    const { modelName, dimensions } = opened;
    throw modelMismatch("the collection", collection, { model: modelName, dimensions });
  }
  if (opened.modelName !== model) {
    await opened.close?.();
    throw new UnsiloedError(
      "STORE_MISMATCH",
      `the collection holds vectors of model "${model}", but the question would be embedded with "${opened.modelName}"; pass its model to --embeddings, and leave out --query-prefix and --document-prefix, which are taken from the collection`,
    );
  }
  return opened;
};
