import { stat } from "node:fs/promises";
import path from "node:path";
import { UnsiloedError } from "../../errors.js";
import { isPostgresAddress } from "../../internal/postgres/address.js";
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

/** Opens the ledger that machines share. What it needs is loaded here, since most runs start without it. */
const openShared = async (state: string, options: { secrets: string[]; readOnly?: boolean | undefined }) => {
  const { PostgresDatabase } = await import("../../internal/postgres/database.js");
  const { PostgresLedger } = await import("../../ledger/postgres/postgres-ledger.js");
  const database = new PostgresDatabase(state);
  return { database, ledger: new PostgresLedger(database, { ...options, leaseMs: SHARED_LEASE_MS }) };
};

/** Opens the ledger and the kept results of earlier runs. */
export const openState = async (options: StateOptions, environment: Environment, out: Terminal) => {
  const { state = DEFAULT_STATE, readOnly } = options;
  const secrets = secretsOf(environment);
  const directory = localDirectoryOf(options);
  const ledgerDirectory = path.join(directory, "ledger");
  const shared = isPostgresAddress(state) ? await openShared(state, { secrets, readOnly }) : undefined;
  const database = shared?.database;
  const ledger: Ledger = shared?.ledger ?? new LmdbLedger(ledgerDirectory, { secrets, readOnly });
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
