import { UnsiloedError } from "../../errors.js";
import { isPostgresAddress, nameOfDatabase } from "../../internal/postgres/address.js";
import { PostgresLedger } from "../../ledger/postgres/postgres-ledger.js";
import { loadEnvironment } from "../setup/environment.js";
import type { StateOptions } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import type { Terminal } from "../terminal/terminal.js";

export interface MigrateCommandOptions extends Pick<StateOptions, "state"> {
  json?: boolean;
}

const describe = (from: number, to: number): string => {
  if (from === to) return `version ${to}, up to date`;
  return from === 0 ? `created, version ${to}` : `updated from version ${from} to ${to}`;
};

/** Runs `unsiloed-ingest migrate`: creates the tables of a ledger in PostgreSQL, or brings older ones up to date. */
export const runMigrate = async ({ state, json }: MigrateCommandOptions, out: Terminal): Promise<number> => {
  if (state === undefined || !isPostgresAddress(state))
    throw new UnsiloedError(
      "INVALID_OPTION",
      "--state: expected postgres://…; the ledger in a directory needs no migration",
    );
  // The password may be in the variables of the .env file.
  loadEnvironment();
  const tables = await PostgresLedger.migrate(state);
  const database = nameOfDatabase(state);
  if (json) out.json({ database, tables });
  else for (const { name, from, to } of tables) out.print(`${database}: ${name}: ${describe(from, to)}`);
  return EXIT.ok;
};
