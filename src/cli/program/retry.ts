import type { Command } from "commander";
import type { SourceCommandOptions } from "../commands/ingest.js";
import type { Terminal } from "../terminal/terminal.js";
import { runOptions } from "./shared-options.js";

export const addRetry = (program: Command, out: Terminal): Command =>
  runOptions(
    program
      .command("retry")
      .description(
        "ingest again what failed or was left unfinished, with the parse options of its submission; where machines share a queue, workers do",
      )
      .argument("[doc...]", "document ids (default: all documents that are not stored)"),
  ).action(async (documents: string[], options: SourceCommandOptions) => {
    const { runRetry } = await import("../commands/retry.js");
    process.exitCode = await runRetry(documents, options, out);
  });
