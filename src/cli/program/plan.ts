import type { Command } from "commander";
import type { PlanCommandOptions } from "../commands/plan.js";
import { amount } from "../setup/arguments.js";
import type { Terminal } from "../terminal/terminal.js";
import { patternOptions, singleSourceOptions, sourceOptions } from "./shared-options.js";

export const addPlan = (program: Command, out: Terminal): Command =>
  patternOptions(
    singleSourceOptions(
      sourceOptions(
        program
          .command("plan")
          .description(
            "show what ingest would submit, embed, add, keep and delete, without paying for anything",
          )
          .argument("[source...]", "as for ingest"),
      ),
    ),
  )
    .option("--prune", "also list the documents that --prune would remove")
    .option("--resubmit-unknown", "count documents of unknown outcome as submitted again")
    .option("--price-per-page <usd>", "price of parsing a page (default: credits only)", amount)
    .option(
      "--price <usd>",
      "price of a million tokens of the embedding model (default: the list price)",
      amount,
    )
    .action(async (sources: string[], options: PlanCommandOptions) => {
      const { runPlan } = await import("../commands/plan.js");
      process.exitCode = await runPlan(sources, options, out);
    });
