import { type Command, Help } from "commander";

/** The groups of options in `--help`, by their long names. Options of one command only stay under "Options:". */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "Documents:": ["root", "include", "exclude", "doc-id", "title", "prune", "refresh"],
  "Parsing:": ["parse", "keep-results", "resubmit-unknown", "max-credits", "price-per-page"],
  "Splitting:": ["chunk-size", "chunk-overlap", "policy"],
  "Embeddings:": [
    "embeddings",
    "dimensions",
    "query-prefix",
    "document-prefix",
    "embedding-max-tokens",
    "embedding-header",
    "price",
  ],
  "Store and state:": [
    "store",
    "collection",
    "state",
    "bulk",
    "verify",
    "store-batch",
    "no-sparse",
    "shards",
    "replicas",
    "write-consistency",
    "quantization",
    "on-disk",
  ],
  "Speed and limits:": ["concurrency", "timeout", "poll-interval", "rate-limit", "active-jobs"],
  "Search:": ["k", "mode", "rerank", "dense-share", "expand", "seed"],
  "Filters:": ["type", "page", "segment", "segment-id", "section", "min-confidence", "doc", "doc-version"],
  "Output:": ["json", "failed", "all"],
};

/** Examples in `--help`, by the name of the command. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  ingest: [
    'ingest contracts/ "reports/*.pdf"',
    "ingest https://example.com/annual.pdf",
    "ingest contracts/ --prune",
    "ingest result:saved/lease.json",
  ],
  plan: ["plan contracts/", "plan contracts/ --prune --json"],
  status: ["status", "status --failed --json"],
  retry: ["retry", "retry contracts/lease.pdf"],
  delete: ["delete contracts/lease.pdf", "delete old/ --dry-run", 'delete "2019/**/*.pdf" --yes'],
  migrate: ["migrate --state postgres://user@host/db"],
  bulk: ["bulk begin", "bulk end --collection reports"],
  enqueue: ["enqueue data --state postgres://host/db"],
  work: ["work --state postgres://user@host/db"],
  repair: ["repair", "repair --collection reports"],
  search: [
    'search "notice period of the lease"',
    'search "net debt" --type Table --page 2-9',
    'search "net debt" --json',
  ],
  inspect: ["inspect", "inspect lease.pdf --export fault/"],
  evaluate: ["evaluate questions.json", "evaluate questions.json --json"],
  init: ["init", "init --format ts"],
  doctor: ["doctor", "doctor --json"],
  demo: ["demo"],
  emulator: ["emulator", "emulator --results saved/ --port 8787"],
};

/** Beside less than 40 columns and the gap, the library would not wrap a description. */
const ROOM_FOR_TEXT = 44;

/** Writes an option above its description where both do not fit beside each other. */
const formatItem = (term: string, termWidth: number, description: string, help: Help): string => {
  const width = help.helpWidth ?? 80;
  if (width - termWidth >= ROOM_FOR_TEXT || description === "")
    return Help.prototype.formatItem.call(help, term, termWidth, description, help);
  const wrapped = help.boxWrap(description, Math.max(width - 6, 20));
  return `  ${term}\n${wrapped.replace(/^/gm, "      ")}`;
};

export const HELP = { showGlobalOptions: true, formatItem };

/** Adds groups of options and examples to the help of every command. */
export const addHelp = (program: Command): void => {
  for (const command of program.commands) {
    for (const option of command.options) {
      const [heading] = Object.entries(GROUPS).find(([, names]) => names.includes(option.name())) ?? [];
      if (heading !== undefined) option.helpGroup(heading);
    }
    const examples = EXAMPLES[command.name()];
    if (!examples) continue;
    const lines = examples.map((example) => `  ${program.name()} ${example}`);
    command.addHelpText("after", `\nExample${lines.length === 1 ? "" : "s"}:\n${lines.join("\n")}`);
  }
};
