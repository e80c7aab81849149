import { type Command, Option } from "commander";
import type { EvaluateCommandOptions } from "../commands/evaluate.js";
import { wholeNumber } from "../setup/arguments.js";
import type { Terminal } from "../terminal/terminal.js";
import { denseShareOption, questionOptions } from "./shared-options.js";

export const addEvaluate = (program: Command, out: Terminal): Command =>
  denseShareOption(
    questionOptions(
      program
        .command("evaluate")
        .description("measure how well a collection answers your questions, and tell why some fail")
        .argument("<questions>", "JSON file of questions and what must be found for them"),
    ).addOption(new Option("--rerank <how>", "as for search (default: words)").choices(["words", "none"])),
  )
    .option("--seed <n>", "draws the intervals (default: 1)", wholeNumber)
    .action(async (file: string, options: EvaluateCommandOptions) => {
      const { runEvaluate } = await import("../commands/evaluate.js");
      process.exitCode = await runEvaluate(file, options, out);
    });
