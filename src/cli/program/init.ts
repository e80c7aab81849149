import { type Command, Option } from "commander";
import type { InitCommandOptions } from "../commands/init.js";
import { CONFIG_FORMATS } from "../config/find-config.js";
import type { Terminal } from "../terminal/terminal.js";

export const addInit = (program: Command, out: Terminal): Command =>
  program
    .command("init")
    .description("write a config file for this directory, after a few questions on a terminal")
    .addOption(
      new Option(
        "--format <form>",
        "json, ts or js (default: ts in a TypeScript project with this package, else json)",
      ).choices(CONFIG_FORMATS),
    )
    .option("--yes", "ask nothing and take the defaults")
    .option("--force", "replace a config file that is there")
    .action(async (options: InitCommandOptions) => {
      const { runInit } = await import("../commands/init.js");
      process.exitCode = await runInit(options, out);
    });
