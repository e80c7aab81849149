import { stat } from "node:fs/promises";
import path from "node:path";
import { UnsiloedError } from "../../errors.js";
import { isPostgresAddress } from "../../internal/postgres/address.js";
import type { PostgresDatabase } from "../../internal/postgres/database.js";
import type { Ledger } from "../../ledger/ledger.js";
import { LmdbLedger } from "../../ledger/lmdb/lmdb-ledger.js";
import { type KeepMode, KeptResults } from "../../ledger/results/kept-results.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Environment, secretsOf } from "./environment.js";

/** Directory of everything that a later run must find again. */
export const DEFAULT_STATE = ".unsiloed";

/**
 * How long a claim on a document lasts without being renewed, where machines share the ledger: until then nobody can
 * tell that the one that has it was switched off.
 */
const SHARED_LEASE_MS = 30_000;

export interface StateOptions {
  /**
   * Directory of the ledger, the kept results and the cached embeddings; or the address of a PostgreSQL database for the
   * ledger alone. @default .unsiloed
   */
  state?: string;
  /** The database that `state` names, where its connections are used before the ledger is. @default opened for the ledger */
  database?: PostgresDatabase | undefined;
  keepResults?: KeepMode;
  /** Whether the command writes nothing, and runs where it may not. @default false */
  readOnly?: boolean | undefined;
}

/**
 * Returns the directory of what each machine keeps for itself. Results and vectors are there also when the ledger is in a
 * database: both only save work, as a result can be read again by its job, and other machines seldom need them.
 */
export const localDirectoryOf = ({ state = DEFAULT_STATE }: Pick<StateOptions, "state">): string =>
  isPostgresAddress(state) ? DEFAULT_STATE : state;

/**
 * Tells whether there is a state, for commands that only work on what earlier runs left: they must not create a
 * directory for it. A database says itself whether it is there.
 *
 * @throws UnsiloedError `INVALID_OPTION` when the user named a directory that does not exist
 */
export const hasState = async ({ state }: Pick<StateOptions, "state">): Promise<boolean> => {
  if (state !== undefined && isPostgresAddress(state)) return true;
  const isThere = (await stat(state ?? DEFAULT_STATE).catch(() => undefined))?.isDirectory() ?? false;
  if (isThere || state === undefined) return isThere;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `--state: expected the directory of an earlier run, got "${state}"`,
  );
};

/**
 * Returns the connections to the database that machines share; `undefined` where the state is in a directory. What they
 * need is loaded here, since most runs start without it.
 */
export const openDatabase = async ({ state, database }: StateOptions) => {
  if (database || state === undefined || !isPostgresAddress(state)) return database;
  const { PostgresDatabase } = await import("../../internal/postgres/database.js");
  return new PostgresDatabase(state);
};

/** Opens the ledger that machines share. */
const openShared = async (
  database: PostgresDatabase,
  options: { secrets: string[]; readOnly?: boolean | undefined },
) => {
  const { PostgresLedger } = await import("../../ledger/postgres/postgres-ledger.js");
  return new PostgresLedger(database, { ...options, leaseMs: SHARED_LEASE_MS });
};

/** Opens the ledger and the kept results of earlier runs. */
export const openState = async (options: StateOptions, environment: Environment, out: Terminal) => {
  const { readOnly } = options;
  const secrets = secretsOf(environment);
  const directory = localDirectoryOf(options);
  const ledgerDirectory = path.join(directory, "ledger");
  const database = await openDatabase(options);
  const ledger: Ledger = database
    ? await openShared(database, { secrets, readOnly })
    : new LmdbLedger(ledgerDirectory, { secrets, readOnly });
  const results = new KeptResults({
    directory: path.join(directory, "results"),
    mode: options.keepResults ?? "all",
    onProblem: ({ message }) => out.warn(message),
  });
  return {
    ledger,
    results,
    /** The database of the ledger, where machines share one. */
    database,
    ledgerDirectory,
    embeddingsDirectory: path.join(directory, "embeddings"),
    close: async () => {
      await ledger.close();
      await database?.close();
    },
  };
};
