import { UnsiloedError } from "../../errors.js";
import type { VectorSink } from "../../stores/sink.js";
import type { Environment } from "./environment.js";
import { conditionsOf, configuredOf, STORES } from "./registry.js";

export interface StoreChoice {
  /** `NAME` or `NAME:TARGET` of a store in the registry. */
  store?: string | undefined;
  collection?: string | undefined;
  /** Whether indexing is deferred while points are written. */
  bulk?: boolean | undefined;
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
  if (choice.bulk && !entry.hasBulkMode) {
    const able = STORES.filter(({ hasBulkMode }) => hasBulkMode).map((store) => store.name);
    throw new UnsiloedError(
      "INVALID_OPTION",
      `--bulk: expected a store that can defer indexing (${able.join(", ")}), got "${named}"`,
    );
  }
  return entry.open({ target, collection: choice.collection, bulk: choice.bulk, onProblem, environment });
};
