import type { Command } from "commander";
import type { StatusCommandOptions } from "../commands/status.js";
import type { Terminal } from "../terminal/terminal.js";
import { stateOptions, storeOptions } from "./shared-options.js";

export const addStatus = (program: Command, out: Terminal): Command =>
  storeOptions(
    stateOptions(program.command("status").description("show how far each document is, what failed and why"))
      .option("--failed", "list only documents that failed")
      .option("--all", "list stored documents too"),
  ).action(async (options: StatusCommandOptions) => {
    const { runStatus } = await import("../commands/status.js");
    process.exitCode = await runStatus(options, out);
  });
