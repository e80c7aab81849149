import type { Command } from "commander";
import type { MigrateCommandOptions } from "../commands/migrate.js";
import type { Terminal } from "../terminal/terminal.js";
import { jsonOption, stateOption } from "./shared-options.js";

export const addMigrate = (program: Command, out: Terminal): Command =>
  jsonOption(
    stateOption(
      program
        .command("migrate")
        .description(
          "create or update the tables of a ledger in PostgreSQL, before its first run and after updates",
        ),
    ),
  ).action(async (options: MigrateCommandOptions) => {
    const { runMigrate } = await import("../commands/migrate.js");
    process.exitCode = await runMigrate(options, out);
  });
