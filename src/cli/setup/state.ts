import { stat } from "node:fs/promises";
import path from "node:path";
import type { PostgresState, PostgresStateOptions } from "../../distributed/postgres-state.js";
import { UnsiloedError } from "../../errors.js";
import { ignoring } from "../../internal/async/ignoring.js";
import { importOptional } from "../../internal/optional-import.js";
import { isDatabase } from "../../internal/postgres/address.js";
import type { PostgresDatabase } from "../../internal/postgres/database.js";
import type { Ledger } from "../../ledger/ledger.js";
import { LmdbLedger } from "../../ledger/lmdb/lmdb-ledger.js";
import { KeptResults } from "../../ledger/results/kept-results.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Environment, secretsOf } from "./environment.js";
import { type KeepChoice, readKeepResults } from "./keep-results.js";

/** Directory of everything that a later run must find again. */
export const DEFAULT_STATE = ".unsiloed";

export interface StateOptions {
  /**
   * Directory of the ledger, the kept results and the cached embeddings; or the address of a PostgreSQL database for the
   * ledger alone. @default .unsiloed
   */
  state?: string;
  /** The database that `state` names, where its connections are used before the ledger is. @default opened for the ledger */
  database?: PostgresDatabase | undefined;
  /** What is kept and where, as {@link readKeepResults} reads it. @default all, in the state directory */
  keepResults?: string | undefined;
  /** Whether the command writes nothing, and runs where it may not. @default false */
  readOnly?: boolean | undefined;
  /** Whether the process looks for documents of workers that have ended. @default false */
  supervises?: boolean | undefined;
  /** How long a claim lasts without being renewed where machines share the ledger, in seconds. @default 30 */
  lease?: number;
}

/**
 * Returns the directory of what each machine keeps for itself. Results and vectors are there also when the ledger is in a
 * database, unless `--keep-results` names a place for the results: both only save work, as a result can be read again by
 * its job until that expires.
 */
export const localDirectoryOf = ({ state = DEFAULT_STATE }: Pick<StateOptions, "state">): string =>
  isDatabase(state) ? DEFAULT_STATE : state;

/** Returns what is kept of parse results, and where. */
export const keptResultsOf = (
  options: Pick<StateOptions, "state" | "keepResults">,
): KeepChoice & { place: string } => {
  const { mode = "all", place } = readKeepResults(options.keepResults ?? "all") ?? {};
  return { mode, place: place ?? path.join(localDirectoryOf(options), "results") };
};

/** Tells whether machines share the ledger, while each keeps results for itself. */
export const keepsApart = ({
  state = DEFAULT_STATE,
  keepResults = "all",
}: Pick<StateOptions, "state" | "keepResults">): boolean =>
  isDatabase(state) && readKeepResults(keepResults)?.place === undefined;

/**
 * Tells whether there is a state, for commands that only work on what earlier runs left: they must not create a
 * directory for it. A database says itself whether it is there.
 *
 * @throws UnsiloedError `INVALID_OPTION` when the user named a directory that does not exist
 */
export const hasState = async ({ state }: Pick<StateOptions, "state">): Promise<boolean> => {
  if (state !== undefined && isDatabase(state)) return true;
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
  if (database || state === undefined || !isDatabase(state)) return database;
  const { PostgresDatabase } = await import("../../internal/postgres/database.js");
  return new PostgresDatabase(state);
};

/** Opens what machines share. */
const openShared = async (
  database: PostgresDatabase,
  options: PostgresStateOptions,
): Promise<PostgresState> => {
  const { PostgresState } = await import("../../distributed/postgres-state.js");
  return new PostgresState(database, options);
};

/** Opens the ledger and the kept results of earlier runs. */
export const openState = async (options: StateOptions, environment: Environment, out: Terminal) => {
  const { readOnly, supervises = false, lease } = options;
  const leaseMs = lease === undefined ? undefined : lease * 1000;
  const secrets = secretsOf(environment);
  const directory = localDirectoryOf(options);
  const ledgerDirectory = path.join(directory, "ledger");
  const database = await openDatabase(options);
  const shared = database && (await openShared(database, { secrets, readOnly, supervises, leaseMs }));
  const ledger: Ledger = shared?.ledger ?? new LmdbLedger(ledgerDirectory, { secrets, readOnly });
  const { mode, place } = keptResultsOf(options);
  const results = new KeptResults({
    directory: place,
    mode,
    onProblem: ({ message }) => out.warn(message),
  });
  return {
    ledger,
    results,
    /** Directory or address of the kept results. */
    resultsPlace: place,
    /** The database of the ledger, where machines share one. */
    database,
    /** Ledger and queue, where machines share them. */
    shared,
    ledgerDirectory,
    embeddingsDirectory: path.join(directory, "embeddings"),
    close: async () => {
      await (shared ?? ledger).close();
      await database?.close();
    },
  };
};

/** The ledger and the kept results of earlier runs, and where they are. */
export type OpenedState = Awaited<ReturnType<typeof openState>>;

/** Makes sure of both packages at once, so that nobody installs one to be told of the other. @throws UnsiloedError `MISSING_PACKAGE` */
export const assertQueuePackages = (): Promise<unknown> =>
  importOptional(() => Promise.all([import("pg"), import("pg-boss")]), "a queue of documents", "pg pg-boss");

/**
 * Returns the ledger and queue that machines share.
 *
 * @throws UnsiloedError `INVALID_OPTION` where the state is in a directory, `MISSING_PACKAGE`
 */
export const sharedOf = async ({ shared }: Pick<OpenedState, "shared">): Promise<PostgresState> => {
  if (shared) {
    await assertQueuePackages();
    return shared;
  }
  throw new UnsiloedError(
    "INVALID_OPTION",
    "--state: expected postgres://…, the database in which machines share ledger and queue",
  );
};

/** Asks the queue; returns `undefined` where there is none, as not every ledger that machines share has one beside it. */
export const whereQueued = <T>(work: () => Promise<T>): Promise<T | undefined> =>
  ignoring("MISSING_PACKAGE", () => ignoring("LEDGER_VERSION", work));
