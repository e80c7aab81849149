import type { Command } from "commander";
import type { IngestCommandOptions } from "../commands/ingest.js";
import type { Terminal } from "../terminal/terminal.js";
import { patternOptions, singleSourceOptions, sourceOptions } from "./shared-options.js";

export const addEnqueue = (program: Command, out: Terminal): Command =>
  patternOptions(
    singleSourceOptions(
      sourceOptions(
        program
          .command("enqueue")
          .description(
            "add documents to the queue of the workers that are new or have changed, with the options of the workers",
          )
          .argument("[source...]", "as for ingest; files have to be at the same path for each worker"),
      ),
    ),
  ).action(async (sources: string[], options: IngestCommandOptions) => {
    const { runEnqueue } = await import("../commands/enqueue.js");
    process.exitCode = await runEnqueue(sources, options, out);
  });
