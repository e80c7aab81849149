import path from "node:path";
import type { Command } from "commander";
import { isRecord } from "../../internal/objects.js";
import { loadEnvironment } from "../setup/environment.js";
import { configuredOf, STORES } from "../setup/registry.js";
import type { Config } from "./config-schema.js";
import { findConfig, namedConfig } from "./find-config.js";
import { MovedNames } from "./move-names.js";

/** Commands that name their sources, or else take those of the file. */
const WITH_SOURCES: ReadonlySet<string> = new Set(["ingest", "plan", "enqueue"]);

/** Settings that say how another is used, so that those of the file do not hold for another store or model. */
const BELONGS_TO: Readonly<Record<string, string>> = {
  bulk: "store",
  storeBatch: "store",
  sparse: "store",
  shards: "store",
  replicas: "store",
  writeConsistency: "store",
  quantization: "store",
  onDisk: "store",
  dimensions: "embeddings",
  queryPrefix: "embeddings",
  documentPrefix: "embeddings",
  embeddingHeader: "embeddings",
  embeddingMaxTokens: "embeddings",
};

/** Options whose parts are set one by one: those of the command are added to those of the file. */
const MERGED: ReadonlySet<string> = new Set(["parse", "policy", "embeddingHeader"]);

/** Returns the values of a config by the names that the options of a command have. */
export const optionValues = (config: Config, command: string): Record<string, unknown> => {
  const { sources: _sources, policies: policy, search, evaluate, emulator, ...shared } = config;
  if (command === "emulator") return { ...emulator };
  // A failed document is submitted as it was before.
  if (command === "retry") return { ...shared, policy, parse: undefined };
  return { ...shared, policy, ...search, ...evaluate };
};

const isGiven = (command: Command, name: string): boolean => command.getOptionValueSource(name) === "cli";

/** Sets the options that the user did not give, where the environment does not either. */
const setOptions = (command: Command, config: Config): void => {
  const values = optionValues(config, command.name());
  if (configuredOf(STORES, loadEnvironment())) values["store"] = undefined;
  for (const option of command.options) {
    const name = option.attributeName();
    const value = values[name];
    const owner = BELONGS_TO[name];
    if (value === undefined || (owner !== undefined && isGiven(command, owner))) continue;
    if (!isGiven(command, name)) {
      command.setOptionValueWithSource(name, value, "config");
    } else if (MERGED.has(name) && isRecord(value)) {
      command.setOptionValueWithSource(name, { ...value, ...command.getOptionValue(name) }, "cli");
    }
  }
};

/** Moves the paths that the user typed to the working directory. */
const moveNames = (command: Command, from: string): void => {
  const moved = new MovedNames(from);
  const moveOption: Readonly<Record<string, (value: string) => string>> = {
    root: moved.path,
    state: moved.state,
    results: moved.path,
    keepResults: moved.keptResults,
    store: moved.store,
  };
  for (const [name, move] of Object.entries(moveOption)) {
    const value: unknown = command.getOptionValue(name);
    if (typeof value === "string") command.setOptionValueWithSource(name, move(value), "cli");
  }
  const moveArgument: Readonly<Record<string, (value: string) => string>> = {
    source: moved.source,
    questions: moved.path,
    doc: moved.pathOrId,
  };
  for (const [index, argument] of command.registeredArguments.entries()) {
    const move = moveArgument[argument.name()];
    const value: unknown = command.processedArgs[index];
    if (!move) continue;
    if (typeof value === "string") command.processedArgs[index] = move(value);
    if (Array.isArray(value)) command.processedArgs[index] = value.map(String).map(move);
  }
};

/**
 * Finds the config file and lets the command run as if it was started in the directory of the file, with the options of
 * the file: its ids, its state and its `.env`. The command's options win over the environment, and that over the file.
 *
 * @param named the value of `--config`; `false` is `--no-config`
 * @returns the path of the file, if there is one
 * @throws UnsiloedError `INVALID_OPTION` for a file that cannot be used
 */
export const applyConfig = async (
  command: Command,
  named: string | false | undefined,
): Promise<string | undefined> => {
  if (named === false) return undefined;
  const from = process.cwd();
  const file = named === undefined ? findConfig(from) : namedConfig(named);
  if (file === undefined) return undefined;
  // Both directories may have a .env file; the first that is read wins.
  loadEnvironment();
  const directory = path.dirname(file);
  if (directory !== from) {
    process.chdir(directory);
    moveNames(command, from);
  }
  const { loadConfig } = await import("./load-config.js");
  const config = await loadConfig(file);
  setOptions(command, config);
  const [sources] = command.processedArgs;
  if (WITH_SOURCES.has(command.name()) && config.sources && Array.isArray(sources) && sources.length === 0)
    command.processedArgs[0] = config.sources;
  return file;
};
