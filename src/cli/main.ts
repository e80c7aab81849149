#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Command, CommanderError, Option } from "commander";
import { messageOf, UnsiloedError } from "../errors.js";
import { GROWTHS } from "../retrieval/growths.js";
import type { DeleteCommandOptions } from "./commands/delete.js";
import type { DemoCommandOptions } from "./commands/demo.js";
import type { IngestCommandOptions, SourceCommandOptions } from "./commands/ingest.js";
import type { PlanCommandOptions } from "./commands/plan.js";
import type { SearchCommandOptions } from "./commands/search.js";
import type { StatusCommandOptions } from "./commands/status.js";
import { amount, fraction, keyValue, pageRange, positiveInteger, wholeNumber } from "./setup/arguments.js";
import { policy } from "./setup/policy-argument.js";
import { EXIT, exitCodeOfError } from "./terminal/exit.js";
import { terminal } from "./terminal/terminal.js";
import { inCommandsWords } from "./terminal/wording.js";

// Commands are imported when they run: `--help` waits for no database, model or client.

const packageVersion = (): string => {
  const file = createRequire(import.meta.url).resolve("unsiloed-ingest/package.json");
  const { version }: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  return version;
};

const program = new Command("unsiloed-ingest")
  .description(
    "Parses documents with Unsiloed, splits them by their structure and stores them for retrieval.",
  )
  .version(packageVersion(), "-V, --version", "print the version")
  .exitOverride()
  .showHelpAfterError("(add --help for the options)")
  .configureHelp({ showGlobalOptions: true });

const storeOptions = (command: Command): Command =>
  command
    .option("--collection <name>", 'collection to use (default: "unsiloed")')
    .option(
      "--store <store>",
      "lancedb:DIR or qdrant:URL (default: Qdrant if QDRANT_URL is set, else lancedb:.unsiloed/lancedb)",
    )
    .option("--json", "print one JSON document on stdout, everything else on stderr");

const stateOption = (command: Command): Command =>
  command.option("--state <dir>", "ledger, kept results and cached embeddings (default: .unsiloed)");

/** What decides how sources are read, split and stored. */
const sourceOptions = (command: Command): Command =>
  stateOption(storeOptions(command))
    .option(
      "--embeddings <model>",
      "openai[:MODEL] or use-lite (default: openai if OPENAI_API_KEY is set, else use-lite)",
    )
    .option("--root <dir>", "directory that document ids are relative to (default: working directory)")
    .option("--chunk-size <tokens>", "most tokens of a split (default: 400)", positiveInteger)
    .option("--chunk-overlap <tokens>", "tokens repeated between parts of a long text", wholeNumber)
    .option("--parse <key=value>", "request option of the parse API, repeatable: merge_tables=true", keyValue)
    .option(
      "--policy <type=action@confidence>",
      "keep, drop or flag segments below a confidence, repeatable: Picture=drop@0.5, *=flag@unknown",
      policy,
    )
    .option("--refresh", "parse web addresses again, whose changes cannot be seen")
    .option("--verify", "count the points of every document, not only of all together");

/** What decides how a run goes on. */
const runOptions = (command: Command): Command =>
  sourceOptions(command)
    .option("--concurrency <n>", "parse jobs waited for at once (default: 64)", positiveInteger)
    .option("--timeout <seconds>", "longest wait for a parse job (default: 900)", positiveInteger)
    .option("--poll-interval <ms>", "first pause between checks of a job (default: 5000)", positiveInteger)
    .option(
      "--rate-limit <n>",
      "calls of the parse API a minute, of all kinds (default: 60)",
      positiveInteger,
    )
    .option("--active-jobs <n>", "most parse jobs at work at once (default: no limit)", positiveInteger)
    .addOption(
      new Option(
        "--keep-results <what>",
        "parse results to keep: with word boxes, without, or none (default: all)",
      ).choices(["none", "text", "all"]),
    )
    .option("--bulk", "Qdrant: put off indexing until the run ends, for large first loads")
    .option("--resubmit-unknown", "send documents again of which nobody knows whether they were accepted");

runOptions(
  program
    .command("ingest")
    .description("parse, split, embed and store documents")
    .argument("<source...>", "file, directory, glob, http(s) URL, job:ID or result:FILE"),
)
  .option("--doc-id <id>", "document id, for a single source")
  .option("--prune", "remove documents below the named directories whose files are gone, after showing which")
  .action(async (sources: string[], options: IngestCommandOptions) => {
    const { runIngest } = await import("./commands/ingest.js");
    process.exitCode = await runIngest(sources, options, terminal);
  });

sourceOptions(
  program
    .command("plan")
    .description("say what ingesting would submit, embed, add, keep and delete; nothing is paid for")
    .argument("<source...>", "as for ingest"),
)
  .option("--doc-id <id>", "document id, for a single source")
  .option("--prune", "say also what --prune would remove")
  .option("--resubmit-unknown", "count documents of unknown outcome as submitted again")
  .option("--price <usd>", "of a million tokens of the embedding model (default: the listed price)", amount)
  .action(async (sources: string[], options: PlanCommandOptions) => {
    const { runPlan } = await import("./commands/plan.js");
    process.exitCode = await runPlan(sources, options, terminal);
  });

stateOption(program.command("status").description("how far each document is, and what is kept of them"))
  .option("--failed", "list only what failed")
  .option("--all", "list what is stored, too")
  .option("--json", "print one JSON document on stdout")
  .action(async (options: StatusCommandOptions) => {
    const { runStatus } = await import("./commands/status.js");
    process.exitCode = await runStatus(options, terminal);
  });

runOptions(
  program
    .command("retry")
    .description("ingest again what failed or was left, with the parse options it was submitted with")
    .argument("[doc...]", "document ids (default: all that are not stored)"),
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
    program.command("repair").description("rebuild a lost ledger from the store and the kept results"),
  ),
).action(async (options: DeleteCommandOptions) => {
  const { runRepair } = await import("./commands/repair.js");
  process.exitCode = await runRepair(options, terminal);
});

storeOptions(
  program
    .command("search")
    .description("find the stored splits that answer a question")
    .argument("<query>", "the question, or words of the answer"),
)
  .option("--embeddings <model>", "openai[:MODEL] or use-lite (default: the collection's model)")
  .option("--k <n>", "how many hits at most", positiveInteger, 5)
  .addOption(
    new Option("--mode <mode>", "default: hybrid where the store can").choices(["dense", "text", "hybrid"]),
  )
  .option("--type <type...>", "segment types, such as Table Picture; put the query before it")
  .option("--page <pages>", "a page or a range, such as 2-7", pageRange)
  .option("--section <heading...>", "headings the text stands under, as written; put the query before them")
  .addOption(new Option("--expand <what...>", "grow each hit to what stands around it").choices(GROWTHS))
  .option("--min-confidence <x>", "least confidence, 0 to 1", fraction)
  .option("--doc <id...>", "document ids; put the query before them")
  .action(async (query: string, options: SearchCommandOptions) => {
    const { runSearch } = await import("./commands/search.js");
    process.exitCode = await runSearch(query, options, terminal);
  });

program
  .command("demo")
  .description("the whole way on a sample report: no key, no server, no network")
  .option("--json", "print one JSON document on stdout, everything else on stderr")
  .action(async (options: DemoCommandOptions) => {
    const { runDemo } = await import("./commands/demo.js");
    process.exitCode = await runDemo(options, terminal);
  });

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    // Commander has printed the help or the complaint itself.
    process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const code = thrown instanceof UnsiloedError ? thrown.code : "UNEXPECTED";
    terminal.say(`error: ${code}: ${inCommandsWords(messageOf(thrown))}`);
    process.exitCode = exitCodeOfError(thrown);
  }
}
