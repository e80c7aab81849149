import { BUDGET_TABLES } from "../../budget/postgres/tables.js";
import { UnsiloedError } from "../../errors.js";
import { ignoring } from "../../internal/async/ignoring.js";
import { importOptional } from "../../internal/optional-import.js";
import { isDatabase } from "../../internal/postgres/address.js";
import { PostgresDatabase } from "../../internal/postgres/database.js";
import { migrate } from "../../internal/postgres/migrations.js";
import { LEDGER_TABLES } from "../../ledger/postgres/tables.js";
import { migrateQueue } from "../../queue/pg-boss/boss.js";
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

/** Runs `unsiloed-ingest migrate`: creates the tables of ledger, budget and queue in PostgreSQL, or brings older ones up to date. */
export const runMigrate = async ({ state, json }: MigrateCommandOptions, out: Terminal): Promise<number> => {
  if (state === undefined || !isDatabase(state))
    throw new UnsiloedError(
      "INVALID_OPTION",
      "--state: expected postgres://…; the ledger in a directory needs no migration",
    );
  // The password may be in the variables of the .env file.
  loadEnvironment();
  await importOptional(() => import("pg"), "a ledger with a queue in PostgreSQL", "pg pg-boss");
  const database = new PostgresDatabase(state, { answerMs: 0 });
  try {
    const tables = await migrate(database, [LEDGER_TABLES, BUDGET_TABLES]);
    // A ledger that machines share needs no queue.
    const queue = await ignoring("MISSING_PACKAGE", () => migrateQueue(database));
    if (queue) tables.push({ name: "queue", ...queue });
    if (json) out.json({ database: database.name, tables });
    else
      for (const { name, from, to } of tables) out.print(`${database.name}: ${name}: ${describe(from, to)}`);
    if (!queue) out.say('no queue: for "enqueue" and "work", run "npm install pg-boss" and migrate again');
    return EXIT.ok;
  } finally {
    await database.close();
  }
};
