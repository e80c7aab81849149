import type { Command } from "commander";
import type { DeleteCommandOptions } from "../commands/delete.js";
import type { Terminal } from "../terminal/terminal.js";
import { stateOptions, storeOptions } from "./shared-options.js";

export const addDelete = (program: Command, out: Terminal): Command =>
  stateOptions(
    storeOptions(
      program
        .command("delete")
        .description("remove documents from the store, the kept results and the ledger")
        .argument(
          "<doc...>",
          "document ids, paths as given to ingest, directories, prefixes in object stores or globs",
        ),
    ),
  )
    .option("--root <dir>", "directory that document ids are relative to (default: working directory)")
    .option("-y, --yes", "delete without asking")
    .option("--dry-run", "only show what would be deleted")
    .action(async (documents: string[], options: DeleteCommandOptions) => {
      const { runDelete } = await import("../commands/delete.js");
      process.exitCode = await runDelete(documents, options, out);
    });
