import { stat } from "node:fs/promises";
import path from "node:path";
import { UnsiloedError } from "../../errors.js";
import { LmdbLedger } from "../../ledger/lmdb/lmdb-ledger.js";
import { type KeepMode, KeptResults } from "../../ledger/results/kept-results.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Environment, secretsOf } from "./environment.js";

/** Directory of everything that a later run must find again. */
export const DEFAULT_STATE = ".unsiloed";

export interface StateOptions {
  /** Directory of the ledger, the kept results and the cached embeddings. @default .unsiloed */
  state?: string;
  keepResults?: KeepMode;
  /** Whether the command writes nothing, and runs where it may not. @default false */
  readOnly?: boolean | undefined;
}

/**
 * Tells whether there is a directory of state, for commands that only work on what earlier runs left: they must not
 * create one.
 *
 * @throws UnsiloedError `INVALID_OPTION` when the user named one that does not exist
 */
export const hasState = async ({ state }: Pick<StateOptions, "state">): Promise<boolean> => {
  const isThere = (await stat(state ?? DEFAULT_STATE).catch(() => undefined))?.isDirectory() ?? false;
  if (isThere || state === undefined) return isThere;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `--state: expected the directory of an earlier run, got "${state}"`,
  );
};

/** Opens the ledger and the kept results of earlier runs. */
export const openState = (options: StateOptions, environment: Environment, out: Terminal) => {
  const directory = options.state ?? DEFAULT_STATE;
  const ledgerDirectory = path.join(directory, "ledger");
  const ledger = new LmdbLedger(ledgerDirectory, {
    secrets: secretsOf(environment),
    readOnly: options.readOnly,
  });
  const results = new KeptResults({
    directory: path.join(directory, "results"),
    mode: options.keepResults ?? "all",
    onProblem: ({ message }) => out.warn(message),
  });
  return { ledger, results, ledgerDirectory, embeddingsDirectory: path.join(directory, "embeddings") };
};
