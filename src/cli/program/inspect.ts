import type { Command } from "commander";
import type { InspectCommandOptions } from "../commands/inspect.js";
import { portNumber } from "../setup/arguments.js";
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
        .argument("[doc]", "document id to begin with (default: the list of documents)")
        .option(
          "--port <n>",
          "port to listen on, for browsers on this machine (default: a free one)",
          portNumber,
        )
        .option("--no-open", "print the address without opening a browser")
        .option(
          "--export <dir>",
          "write what there is to see of the document into a page of one file, and end",
        )
        .option("--no-texts", "with --export: an x for each letter, and a 0 for each digit"),
    ),
  ).action(async (doc: string | undefined, options: InspectCommandOptions) => {
    const { runInspect } = await import("../commands/inspect.js");
    process.exitCode = await runInspect(doc, options, out);
  });
