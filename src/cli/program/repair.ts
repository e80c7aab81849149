import type { Command } from "commander";
import type { RepairCommandOptions } from "../commands/repair.js";
import type { Terminal } from "../terminal/terminal.js";
import { stateOptions, storeOptions } from "./shared-options.js";

export const addRepair = (program: Command, out: Terminal): Command =>
  stateOptions(
    storeOptions(
      program
        .command("repair")
        .description("rebuild a lost or damaged ledger from the store and the kept results"),
    ),
  ).action(async (options: RepairCommandOptions) => {
    const { runRepair } = await import("../commands/repair.js");
    process.exitCode = await runRepair(options, out);
  });
