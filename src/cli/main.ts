#!/usr/bin/env node
import { CommanderError } from "commander";
import { messageOf, UnsiloedError } from "../errors.js";
import { createProgram } from "./program.js";
import { ParseHelpWanted } from "./setup/arguments.js";
import { EXIT, exitCodeOfError } from "./terminal/exit.js";
import { terminal } from "./terminal/terminal.js";
import { withOptionNames } from "./terminal/wording.js";

try {
  await createProgram().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    // Commander has printed the help or the complaint itself.
    process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else if (thrown instanceof ParseHelpWanted) {
    const { parseHelp } = await import("./setup/parse-help.js");
    terminal.print(parseHelp());
  } else {
    const code = thrown instanceof UnsiloedError ? thrown.code : "UNEXPECTED";
    terminal.say(`error: ${code}: ${withOptionNames(messageOf(thrown))}`);
    process.exitCode = exitCodeOfError(thrown);
  }
}
