import type { Command } from "commander";
import type { IngestCommandOptions } from "../commands/ingest.js";
import type { Terminal } from "../terminal/terminal.js";
import { patternOptions, runOptions, singleSourceOptions } from "./shared-options.js";

export const addIngest = (program: Command, out: Terminal): Command =>
  patternOptions(
    singleSourceOptions(
      runOptions(
        program
          .command("ingest")
          .description("parse, split, embed and store documents")
          .argument(
            "[source...]",
            "file, directory, glob, http(s) URL, s3://BUCKET/PREFIX (or gs://, az://), job:ID or result:PATH (default: those of the config file)",
          ),
      ),
    ),
  )
    .option(
      "--prune",
      "list, then remove, stored documents below the named directories whose files no longer exist",
    )
    .action(async (sources: string[], options: IngestCommandOptions) => {
      const { runIngest } = await import("../commands/ingest.js");
      process.exitCode = await runIngest(sources, options, out);
    });
