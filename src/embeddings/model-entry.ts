import type { EmbeddingModel } from "./model.js";

/** What the command asks of an embedding provider. */
export interface OpenModelOptions {
  /** Name of the model, from `--embeddings NAME:MODEL`. @default the provider's own */
  model?: string | undefined;
  /** Environment variables, trimmed and without empty ones. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** How the command offers embeddings: one entry of the list in `src/cli/setup/registry.ts`. */
export interface ModelEntry {
  /** Name in `--embeddings NAME` or `--embeddings NAME:MODEL`. */
  readonly name: string;
  /** Whether the user may name a model. @default false */
  readonly hasModels?: boolean;
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
  /** Makes the model. Imports its module only here, so that `--help` and other models do not load it. */
  open(options: OpenModelOptions): Promise<EmbeddingModel>;
}
