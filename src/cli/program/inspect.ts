import type { Command } from "commander";
import type { InspectCommandOptions } from "../commands/inspect.js";
import { wholeNumber } from "../setup/arguments.js";
import type { Terminal } from "../terminal/terminal.js";
import { questionOptions, stateOptions } from "./shared-options.js";

export const addInspect = (program: Command, out: Terminal): Command =>
  questionOptions(
    stateOptions(
      program
        .command("inspect")
        .description(
          "show in a browser what was parsed, how it was split, what is stored and what a question finds",
        )
        .option(
          "--port <n>",
          "port to listen on, for browsers on this machine (default: a free one)",
          wholeNumber,
        )
        .option("--no-open", "print the address without opening a browser"),
    ),
  ).action(async (options: InspectCommandOptions) => {
    const { runInspect } = await import("../commands/inspect.js");
    process.exitCode = await runInspect(options, out);
  });
