import { type Command, Option } from "commander";
import { EXPANSIONS, SEARCH_MODES } from "../../retrieval/search-choices.js";
import type { SearchCommandOptions } from "../commands/search.js";
import { fraction, numberRange, positiveInteger } from "../setup/arguments.js";
import type { Terminal } from "../terminal/terminal.js";
import { denseShareOption, questionOptions } from "./shared-options.js";

export const addSearch = (program: Command, out: Terminal): Command =>
  denseShareOption(
    questionOptions(
      program
        .command("search")
        .description("find the stored splits that answer a question")
        .argument(
          "<query>",
          "the question, or words of the answer; put it before options that take several values",
        ),
    )
      .option("--k <n>", "most hits", positiveInteger, 5)
      .addOption(
        new Option(
          "--mode <mode>",
          "dense (by meaning), text (by words) or hybrid (both) (default: hybrid where the store supports it)",
        ).choices(SEARCH_MODES),
      )
      .addOption(
        new Option(
          "--rerank <how>",
          "words (by how well a sentence or table row matches the question) or none (default: words in mode hybrid)",
        ).choices(["words", "none"]),
      ),
  )
    .option("--type <type...>", "segment types, such as Table Picture")
    .option("--page <pages>", "a page or a range, such as 2-7", numberRange)
    .option(
      "--segment <numbers>",
      "a segment or a range in reading order, from 0, such as 12-20",
      numberRange,
    )
    .option("--segment-id <id...>", "segment ids of the parse API")
    .option("--section <heading...>", "headings that the text stands under, as written")
    .addOption(new Option("--expand <what...>", "expand each hit to what surrounds it").choices(EXPANSIONS))
    .option("--min-confidence <x>", "least confidence, 0 to 1", fraction)
    .option("--doc <id...>", "document ids")
    .option("--doc-version <version>", "version of the document, as inspect and --json show it")
    .action(async (query: string, options: SearchCommandOptions) => {
      const { runSearch } = await import("../commands/search.js");
      process.exitCode = await runSearch(query, options, out);
    });
