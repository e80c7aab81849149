import type { EmbeddingModel } from "./model.js";

/** What a user says of a model. */
export interface ModelChoice {
  /** Name of the model, from `--embeddings NAME:MODEL` or `URL#MODEL`. @default the provider's own */
  model?: string | undefined;
  /** Address of the service, from `--embeddings URL`. @default the provider's own */
  address?: string | undefined;
  /** Length of the vectors, for models that can shorten them. @default the model's own */
  dimensions?: number | undefined;
  /** Text before each question. @default none */
  queryPrefix?: string | undefined;
  /** Text before each text of a document. @default none */
  documentPrefix?: string | undefined;
  /** Headers of each request to the service. @default none */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The most tokens that the service takes in a text. @default the provider's own */
  maxInputTokens?: number | undefined;
}

/** What a collection records of its model. */
export interface RecordedModel {
  /** Name of the model. */
  model: string;
  /** Length of the vectors. */
  dimensions: number;
}

/** What the command asks of an embedding provider. */
export interface OpenModelOptions extends ModelChoice {
  /** Environment variables, trimmed and without empty ones. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** How the command offers embeddings: one entry of the list in `src/cli/setup/registry.ts`. */
export interface ModelEntry {
  /** Name in `--embeddings NAME` or `--embeddings NAME:MODEL`. */
  readonly name: string;
  /** Whether the user may name a model. @default false */
  readonly hasModels?: boolean;
  /**
   * Whether it opens the models of any address, as `--embeddings URL#MODEL`, and takes dimensions, prefixes, headers and a
   * limit of tokens. One entry
   * of the list may.
   * @default false
   */
  readonly hasAddresses?: boolean;
  /** Whether embedding costs nothing, for the estimate of `plan`. @default false */
  readonly isFree?: boolean;
  /** Environment variable that makes this the default when it is set. */
  readonly variable?: string;
  /** Environment variables that must never be shown or written. @default none */
  readonly secrets?: readonly string[];
  /** Environment variables that are read, with their meaning as docs/cli.md prints it. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Packages of npm that only this model needs, and that nothing else may load. @default none */
  readonly packages?: readonly string[];
  /**
   * Whether a collection with this model name is searched with this entry. The first entry that answers yes is used, so
   * one that accepts every name is the last in the list.
   */
  recognizes(modelName: string): boolean;
  /** Reads from what a collection records how to make its model again. @default the recorded name is that of the model */
  read?(recorded: RecordedModel): ModelChoice;
  /**
   * Whether the service of a recorded model cannot be told from its name, so that the user must give its address.
   * @default false
   */
  needsAddress?(recorded: RecordedModel, environment: OpenModelOptions["environment"]): boolean;
  /** Makes the model. Imports its module only here, so that `--help` and other models do not load it. */
  open(options: OpenModelOptions): Promise<EmbeddingModel>;
}
