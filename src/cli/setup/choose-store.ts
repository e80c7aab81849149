import { UnsiloedError } from "../../errors.js";
import type { VectorSink } from "../../stores/sink.js";
import { type OpenStoreOptions, STORE_OPTIONS, type StoreOption } from "../../stores/store-entry.js";
import type { Environment } from "./environment.js";
import { conditionsOf, configuredOf, STORES } from "./registry.js";

export interface StoreChoice extends Pick<OpenStoreOptions, StoreOption> {
  /** `NAME` or `NAME:TARGET` of a store in the registry. */
  store?: string | undefined;
  collection?: string | undefined;
  /** Whether nothing is written. */
  readOnly?: boolean | undefined;
}

const FORMS = STORES.map(({ name, target }) => `${name}:${target}`).join(" or ");

/** Says for `--help` what `--store` accepts and which store is the default. */
export const storeHelp = (): string => {
  const otherwise = STORES.flatMap(({ name, defaultTarget }) =>
    defaultTarget === undefined ? [] : [`else ${name}:${defaultTarget}`],
  );
  return `${FORMS} (default: ${[...conditionsOf(STORES), ...otherwise].join(", ")})`;
};

/** Returns the value of `--store` when the user gives none. */
const defaultStore = (environment: Environment): string | undefined =>
  (configuredOf(STORES, environment) ?? STORES.find(({ defaultTarget }) => defaultTarget !== undefined))
    ?.name;

/**
 * Makes the store that the user named, else the one that the environment configures, else the embedded one.
 *
 * @param onProblem receives problems that affect speed only
 * @throws UnsiloedError `INVALID_OPTION` for an unknown store, or one that cannot do what is asked
 */
export const chooseStore = async (
  choice: StoreChoice,
  environment: Environment,
  onProblem?: (problem: UnsiloedError) => void,
): Promise<VectorSink> => {
  const named = choice.store ?? defaultStore(environment) ?? "";
  const [, name, given] = /^([a-z0-9]+)(?::(.+))?$/s.exec(named) ?? [];
  const entry = STORES.find((known) => known.name === name);
  const configured = entry?.variable === undefined ? undefined : environment[entry.variable];
  const target = given ?? configured ?? entry?.defaultTarget;
  if (!entry || target === undefined) {
    throw new UnsiloedError("INVALID_OPTION", `--store: expected ${FORMS}, got "${named}"`);
  }
  const { collection, bulk, storeBatch, sparse, readOnly } = choice;
  const { shards, replicas, writeConsistency, quantization, onDisk } = choice;
  const asked: Record<StoreOption, [string, boolean]> = {
    bulk: ["--bulk", bulk === true],
    storeBatch: ["--store-batch", storeBatch !== undefined],
    sparse: ["--no-sparse", sparse === false],
    shards: ["--shards", shards !== undefined],
    replicas: ["--replicas", replicas !== undefined],
    writeConsistency: ["--write-consistency", writeConsistency !== undefined],
    quantization: ["--quantization", quantization !== undefined],
    onDisk: ["--on-disk", onDisk !== undefined],
  };
  for (const option of STORE_OPTIONS) {
    const [written, isAsked] = asked[option];
    if (!isAsked || entry.accepts?.includes(option)) continue;
    const able = STORES.filter(({ accepts }) => accepts?.includes(option)).map((store) => store.name);
    throw new UnsiloedError(
      "INVALID_OPTION",
      `${written}: expected a store that has this option (${able.join(", ")}), got "${named}"`,
    );
  }
  const creation = { shards, replicas, writeConsistency, quantization, onDisk };
  const settings = { collection, bulk, storeBatch, sparse, readOnly, ...creation };
  return entry.open({ target, ...settings, onProblem, environment });
};
