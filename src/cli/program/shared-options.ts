import { type Command, Option } from "commander";
import { QUANTIZATIONS } from "../../stores/store-entry.js";
import {
  amount,
  fraction,
  header,
  keepResults,
  onDiskParts,
  parseOption,
  policy,
  positiveInteger,
  repeated,
  wholeNumber,
} from "../setup/arguments.js";
import { MODEL_FORMS, modelHelp } from "../setup/choose-embeddings.js";
import { storeHelp } from "../setup/choose-store.js";

// Options that several commands share. Each function adds a group of them to a command.

export const jsonOption = (command: Command): Command =>
  command.option("--json", "print one JSON document on stdout and everything else on stderr");

export const stateOption = (command: Command): Command =>
  command.option(
    "--state <dir>",
    "directory of the ledger, kept results and cached embeddings, or postgres://… for a ledger that machines share (default: .unsiloed)",
  );

/** Adds where the kept results of earlier runs are, besides what runs keep. */
export const stateOptions = (command: Command): Command =>
  stateOption(command).option(
    "--keep-results <what>",
    "parse results to keep: all, text (without word boxes) or none; where, if not in the state directory: DIR/, s3://, gs:// or az://BUCKET/PREFIX; or WHAT:WHERE (default: all)",
    keepResults,
  );

export const storeOptions = (command: Command): Command =>
  jsonOption(
    command
      .option("--store <store>", storeHelp())
      .option("--collection <name>", 'collection in the store (default: "unsiloed")'),
  );

/** Adds how the model named by `--embeddings` is used. */
const modelOptions = (command: Command): Command =>
  command
    .option("--dimensions <n>", "length of the vectors, for models that can shorten them", positiveInteger)
    .option("--query-prefix <text>", 'text before each question, such as "query: " for E5 models')
    .option("--document-prefix <text>", 'text before each text of a document, such as "passage: "')
    .option(
      "--embedding-header <header>",
      'header for the embedding service, such as "x-team: search"; repeatable; secrets belong in EMBEDDINGS_HEADERS',
      header,
    );

/** Adds what decides which collection is asked, and with which model. */
export const questionOptions = (command: Command): Command =>
  modelOptions(
    storeOptions(command).option("--embeddings <model>", `${MODEL_FORMS} (default: the collection's model)`),
  );

export const denseShareOption = (command: Command): Command =>
  command.option(
    "--dense-share <x>",
    "share of the meaning in hybrid search, 0 to 1 (default: 0.4)",
    fraction,
  );

/** Adds which files of directories and globs are taken. */
export const patternOptions = (command: Command): Command =>
  command
    .option(
      "--include <glob>",
      "take only matching files from directories and globs, such as *.pdf or reports/**; repeatable; brings back hidden names and node_modules that it spells",
      repeated,
    )
    .option(
      "--exclude <glob>",
      "leave out matching files and directories, such as drafts or *.docx; repeatable; wins over --include",
      repeated,
    );

/** Adds what names and titles a single source. */
export const singleSourceOptions = (command: Command): Command =>
  command
    .option("--doc-id <id>", "document id, for a single source (default: path, URL or job:ID)")
    .option(
      "--title <text>",
      'title of the document, for a single source; kept in later runs until another is given, or "" for none (default: its title segment, else its file name in words)',
    );

export const rootOption = (command: Command): Command =>
  command.option("--root <dir>", "directory that document ids are relative to (default: working directory)");

export const parseOptionOf = (command: Command): Command =>
  command.option(
    "--parse <key=value>",
    "request option of the parse API, such as merge_tables=true; repeatable; help lists them all",
    parseOption,
  );

/** Adds what decides how sources are read, split and stored. */
export const sourceOptions = (command: Command): Command =>
  parseOptionOf(
    rootOption(modelOptions(stateOptions(storeOptions(command)).option("--embeddings <model>", modelHelp()))),
  )
    .option("--chunk-size <tokens>", "largest split, in tokens (default: 400)", positiveInteger)
    .option(
      "--embedding-max-tokens <n>",
      "most tokens that the embedding service takes in a text; no split is longer (default: 8192)",
      positiveInteger,
    )
    .option(
      "--chunk-overlap <tokens>",
      "tokens that neighbouring parts of a long text share (default: a tenth of the chunk size)",
      wholeNumber,
    )
    .option(
      "--policy <type=action@confidence>",
      "keep, drop or flag segments below a confidence, such as Picture=drop@0.5 or *=flag@unknown; repeatable",
      policy,
    )
    .option("--refresh", "parse web addresses again, since their changes cannot be detected")
    .option("--verify", "count the stored points of every document instead of only their total");

/** Adds what decides how a run proceeds. */
export const runOptions = (command: Command): Command =>
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
    .option(
      "--max-credits <n>",
      "credits that the submissions of this run, or of all workers of a queue, may cost together; what would pass the limit is left out (default: no limit)",
      amount,
    )
    .option("--bulk", "Qdrant only: postpone indexing until the run ends, for large first loads")
    .option(
      "--store-batch <points>",
      "Qdrant only: the most points in one request (default: 128)",
      positiveInteger,
    )
    .option(
      "--shards <n>",
      "Qdrant only: shards of a new collection (default: the server's)",
      positiveInteger,
    )
    .option(
      "--replicas <n>",
      "Qdrant only: copies of each shard of a new collection, on different servers (default: 1)",
      positiveInteger,
    )
    .option(
      "--write-consistency <n>",
      "Qdrant only: copies that must have applied a write before it counts (default: 1)",
      positiveInteger,
    )
    .addOption(
      new Option(
        "--quantization <kind>",
        "Qdrant only: how a new collection makes vectors smaller in memory: scalar, binary or product (default: not)",
      ).choices(QUANTIZATIONS),
    )
    .option(
      "--on-disk <parts>",
      "Qdrant only: what a new collection reads from disk, of vectors, payload and hnsw, with commas between (default: payload)",
      onDiskParts,
    )
    .option("--no-sparse", "Qdrant only: store no vectors of words, so that only vectors are searched")
    .option(
      "--resubmit-unknown",
      "submit documents again when it is unknown whether the service accepted them; may pay twice",
    );
