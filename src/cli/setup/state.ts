import path from "node:path";
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
}

/** Opens the ledger and the kept results of earlier runs. */
export const openState = (options: StateOptions, environment: Environment, out: Terminal) => {
  const directory = options.state ?? DEFAULT_STATE;
  const ledgerDirectory = path.join(directory, "ledger");
  const ledger = new LmdbLedger(ledgerDirectory, { secrets: secretsOf(environment) });
  const results = new KeptResults({
    directory: path.join(directory, "results"),
    mode: options.keepResults ?? "all",
    onProblem: ({ message }) => out.say(message),
  });
  return { ledger, results, ledgerDirectory, embeddingsDirectory: path.join(directory, "embeddings") };
};
