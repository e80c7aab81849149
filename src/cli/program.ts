import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Command, Option } from "commander";
import { DIALECTS } from "../parse-api/jobs/request-fields.js";
import { EXPANSIONS } from "../retrieval/expand-options.js";
import { SEARCH_MODES } from "../retrieval/search-options.js";
import type { DeleteCommandOptions } from "./commands/delete.js";
import type { DemoCommandOptions } from "./commands/demo.js";
import type { EmulatorCommandOptions } from "./commands/emulator.js";
import type { EvaluateCommandOptions } from "./commands/evaluate.js";
import type { IngestCommandOptions, SourceCommandOptions } from "./commands/ingest.js";
import type { PlanCommandOptions } from "./commands/plan.js";
import type { SearchCommandOptions } from "./commands/search.js";
import type { StatusCommandOptions } from "./commands/status.js";
import {
  amount,
  fraction,
  pageRange,
  parseOption,
  policy,
  positiveInteger,
  wholeNumber,
} from "./setup/arguments.js";
import { MODEL_FORMS, modelHelp } from "./setup/choose-embeddings.js";
import { storeHelp } from "./setup/choose-store.js";
import { terminal } from "./terminal/terminal.js";

const packageVersion = (): string => {
  const file = createRequire(import.meta.url).resolve("unsiloed-ingest/package.json");
  const { version }: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  return version;
};

const JSON_OPTION = ["--json", "print one JSON document on stdout and everything else on stderr"] as const;

const DENSE_SHARE_OPTION = [
  "--dense-share <x>",
  "share of the meaning in hybrid search, 0 to 1 (default: 0.4)",
] as const;

const TITLE_OPTION = [
  "--title <text>",
  "title of the document, for a single source; to be given in each run (default: its title segment, else its file name in words)",
] as const;

/** Adds how the model named by `--embeddings` is used. */
const embeddingsOptions = (command: Command): Command =>
  command
    .option("--dimensions <n>", "length of the vectors, for models that can shorten them", positiveInteger)
    .option("--query-prefix <text>", 'text before each question, such as "query: " for E5 models')
    .option("--document-prefix <text>", 'text before each text of a document, such as "passage: "');

const storeOptions = (command: Command): Command =>
  command
    .option("--store <store>", storeHelp())
    .option("--collection <name>", 'collection in the store (default: "unsiloed")')
    .option(...JSON_OPTION);

const stateOption = (command: Command): Command =>
  command.option(
    "--state <dir>",
    "directory of the ledger, kept results and cached embeddings (default: .unsiloed)",
  );

/** Adds what decides how sources are read, split and stored. */
const sourceOptions = (command: Command): Command =>
  embeddingsOptions(stateOption(storeOptions(command)).option("--embeddings <model>", modelHelp()))
    .option("--root <dir>", "directory that document ids are relative to (default: working directory)")
    .option("--chunk-size <tokens>", "largest split, in tokens (default: 400)", positiveInteger)
    .option(
      "--chunk-overlap <tokens>",
      "tokens that neighbouring parts of a long text share (default: a tenth of the chunk size)",
      wholeNumber,
    )
    .option(
      "--parse <key=value>",
      "request option of the parse API, such as merge_tables=true; repeatable; help lists them all",
      parseOption,
    )
    .option(
      "--policy <type=action@confidence>",
      "keep, drop or flag segments below a confidence, such as Picture=drop@0.5 or *=flag@unknown; repeatable",
      policy,
    )
    .option("--refresh", "parse web addresses again, since their changes cannot be detected")
    .option("--verify", "count the stored points of every document instead of only their total");

/** Adds what decides how a run proceeds. */
const runOptions = (command: Command): Command =>
  sourceOptions(command)
    .option("--concurrency <n>", "parse jobs to wait for at once (default: 64)", positiveInteger)
    .option("--timeout <seconds>", "longest wait for a parse job (default: 900)", positiveInteger)
    .option(
      "--poll-interval <ms>",
      "first pause between status checks of a job (default: 5000)",
      positiveInteger,
    )
    .option(
      "--rate-limit <n>",
      "calls of the parse API per minute, of all kinds (default: 60)",
      positiveInteger,
    )
    .option(
      "--active-jobs <n>",
      "parse jobs running at the service at once (default: no limit)",
      positiveInteger,
    )
    .addOption(
      new Option(
        "--keep-results <what>",
        "parse results to keep: all, text (without word boxes) or none (default: all)",
      ).choices(["none", "text", "all"]),
    )
    .option("--bulk", "Qdrant only: postpone indexing until the run ends, for large first loads")
    .option(
      "--resubmit-unknown",
      "submit documents again when it is unknown whether the service accepted them; may pay twice",
    );

/**
 * Creates the command line. The code of a command is imported when the command runs, so that `--help` waits for no
 * database, model or client.
 */
export const createProgram = (): Command => {
  const program = new Command("unsiloed-ingest")
    .description(
      "Parses documents with Unsiloed, splits them by their structure and stores them for retrieval.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .exitOverride()
    .showHelpAfterError("(add --help for the options)")
    .configureHelp({ showGlobalOptions: true });

  runOptions(
    program
      .command("ingest")
      .description("parse, split, embed and store documents")
      .argument("<source...>", "file, directory, glob, http(s) URL, job:ID or result:PATH"),
  )
    .option("--doc-id <id>", "document id, for a single source (default: path, URL or job:ID)")
    .option(...TITLE_OPTION)
    .option(
      "--prune",
      "list, then remove, stored documents below the named directories whose files no longer exist",
    )
    .action(async (sources: string[], options: IngestCommandOptions) => {
      const { runIngest } = await import("./commands/ingest.js");
      process.exitCode = await runIngest(sources, options, terminal);
    });

  sourceOptions(
    program
      .command("plan")
      .description("show what ingest would submit, embed, add, keep and delete, without paying for anything")
      .argument("<source...>", "as for ingest"),
  )
    .option("--doc-id <id>", "document id, for a single source (default: path, URL or job:ID)")
    .option(...TITLE_OPTION)
    .option("--prune", "also list the documents that --prune would remove")
    .option("--resubmit-unknown", "count documents of unknown outcome as submitted again")
    .option(
      "--price <usd>",
      "price of a million tokens of the embedding model (default: the list price)",
      amount,
    )
    .action(async (sources: string[], options: PlanCommandOptions) => {
      const { runPlan } = await import("./commands/plan.js");
      process.exitCode = await runPlan(sources, options, terminal);
    });

  stateOption(program.command("status").description("show how far each document is, what failed and why"))
    .option("--failed", "list only documents that failed")
    .option("--all", "list stored documents too")
    .option(...JSON_OPTION)
    .action(async (options: StatusCommandOptions) => {
      const { runStatus } = await import("./commands/status.js");
      process.exitCode = await runStatus(options, terminal);
    });

  runOptions(
    program
      .command("retry")
      .description(
        "ingest again what failed or was left unfinished, with the parse options of its submission",
      )
      .argument("[doc...]", "document ids (default: all documents that are not stored)"),
  ).action(async (documents: string[], options: SourceCommandOptions) => {
    const { runRetry } = await import("./commands/retry.js");
    process.exitCode = await runRetry(documents, options, terminal);
  });

  stateOption(
    storeOptions(
      program
        .command("delete")
        .description("remove documents from the store, the kept results and the ledger")
        .argument("<doc...>", "document ids"),
    ),
  ).action(async (documents: string[], options: DeleteCommandOptions) => {
    const { runDelete } = await import("./commands/delete.js");
    process.exitCode = await runDelete(documents, options, terminal);
  });

  stateOption(
    storeOptions(
      program
        .command("repair")
        .description("rebuild a lost or damaged ledger from the store and the kept results"),
    ),
  ).action(async (options: DeleteCommandOptions) => {
    const { runRepair } = await import("./commands/repair.js");
    process.exitCode = await runRepair(options, terminal);
  });

  embeddingsOptions(
    storeOptions(
      program
        .command("search")
        .description("find the stored splits that answer a question")
        .argument(
          "<query>",
          "the question, or words of the answer; put it before options that take several values",
        ),
    ).option("--embeddings <model>", `${MODEL_FORMS} (default: the collection's model)`),
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
    )
    .option(...DENSE_SHARE_OPTION, fraction)
    .option("--type <type...>", "segment types, such as Table Picture")
    .option("--page <pages>", "a page or a range, such as 2-7", pageRange)
    .option("--section <heading...>", "headings that the text stands under, as written")
    .addOption(new Option("--expand <what...>", "expand each hit to what surrounds it").choices(EXPANSIONS))
    .option("--min-confidence <x>", "least confidence, 0 to 1", fraction)
    .option("--doc <id...>", "document ids")
    .action(async (query: string, options: SearchCommandOptions) => {
      const { runSearch } = await import("./commands/search.js");
      process.exitCode = await runSearch(query, options, terminal);
    });

  embeddingsOptions(
    storeOptions(
      program
        .command("evaluate")
        .description("measure how well a collection answers your questions, and tell why some fail")
        .argument("<questions>", "JSON file of questions and what must be found for them"),
    ).option("--embeddings <model>", `${MODEL_FORMS} (default: the collection's model)`),
  )
    .addOption(new Option("--rerank <how>", "as for search (default: words)").choices(["words", "none"]))
    .option(...DENSE_SHARE_OPTION, fraction)
    .option("--seed <n>", "draws the intervals (default: 1)", wholeNumber)
    .action(async (file: string, options: EvaluateCommandOptions) => {
      const { runEvaluate } = await import("./commands/evaluate.js");
      process.exitCode = await runEvaluate(file, options, terminal);
    });

  program
    .command("demo")
    .description("ingest and query a sample report offline: no key, no server; needs the packages of LanceDB")
    .option(...JSON_OPTION)
    .action(async (options: DemoCommandOptions) => {
      const { runDemo } = await import("./commands/demo.js");
      process.exitCode = await runDemo(options, terminal);
    });

  program
    .command("emulator")
    .description(
      "serve a local parse API that answers with saved results, to try the other commands without an account",
    )
    .option(
      "--results <dir>",
      "directory of saved results: lease.pdf is answered with lease.pdf.json or lease.json (default: the sample result for every file)",
    )
    .option("--port <n>", "port to listen on (default: a free one)", wholeNumber)
    .addOption(
      new Option(
        "--dialect <form>",
        `published form of the API to follow (default: ${DIALECTS.at(-1)})`,
      ).choices(DIALECTS),
    )
    .option(
      "--fault <phase=fault...>",
      "faults to inject, such as submit=queue_full or status=rate_limited:3, which strikes 3 times; :all strikes always",
    )
    .action(async (options: EmulatorCommandOptions) => {
      const { runEmulator } = await import("./commands/emulator.js");
      process.exitCode = await runEmulator(options, terminal);
    });

  return program;
};
