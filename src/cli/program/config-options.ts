import path from "node:path";
import type { Command } from "commander";
import type { Terminal } from "../terminal/terminal.js";

/** Commands that need nothing of a project, and `doctor`, which reads the file itself to report what is wrong with it. */
const WITHOUT_CONFIG: ReadonlySet<string> = new Set(["init", "demo", "help", "doctor"]);

/** Adds the options that name the config file, and reads it before a command that uses it. */
export const addConfigOptions = (program: Command, out: Terminal): Command =>
  program
    .option(
      "--config <file>",
      "config file (default: unsiloed.config.json, .ts or .js in the working directory, or else the nearest above)",
    )
    .option("--no-config", "read no config file")
    .hook("preAction", async (_program, command) => {
      if (WITHOUT_CONFIG.has(command.name())) return;
      const from = process.cwd();
      const { applyConfig } = await import("../config/apply-config.js");
      const file = await applyConfig(command, program.getOptionValue("config"));
      if (file !== undefined) out.say(`config: ${path.relative(from, file)}`);
    });
