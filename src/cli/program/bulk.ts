import { Argument, type Command } from "commander";
import type { BulkAction, BulkCommandOptions } from "../commands/bulk.js";
import type { Terminal } from "../terminal/terminal.js";
import { storeOptions } from "./shared-options.js";

export const addBulk = (program: Command, out: Terminal): Command =>
  storeOptions(
    program
      .command("bulk")
      .description(
        "defer indexing in Qdrant while several runs or machines load, and have it done at the end",
      )
      .addArgument(new Argument("<action>", "begin before the load, end after it").choices(["begin", "end"])),
  ).action(async (action: BulkAction, options: BulkCommandOptions) => {
    const { runBulk } = await import("../commands/bulk.js");
    process.exitCode = await runBulk(action, options, out);
  });
