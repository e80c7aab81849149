// Measures how well questions find their answers: npm run bench:retrieval -- [--check] [--json] [--set RESULT QUESTIONS]…
import path from "node:path";
import { Command, Option } from "commander";
import { UseLiteEmbeddings } from "../../src/embeddings/local/use-lite.js";
import { type QuestionSet, readSet } from "./questions.js";
import { failuresOf, formatMisses, formatReports } from "./report.js";
import { type OpenSet, openSet, runSet, type SetReport } from "./run.js";
import { formatShares, tryShares } from "./shares.js";
import { STORES, type StoreKind, startStore } from "./stores.js";

interface Options {
  check?: boolean;
  json?: boolean;
  misses?: boolean;
  only?: boolean;
  shares?: boolean;
  set: string[];
  store: StoreKind;
}

const ROOT = path.resolve(import.meta.dirname, "../..");
const data = (name: string): [string, string] => [
  path.join(ROOT, "bench/retrieval/data", `${name}.md`),
  path.join(ROOT, "bench/retrieval/data", `${name}.questions.json`),
];

const OWN_SETS: [string, string][] = [
  [
    path.join(ROOT, "examples/data/annual-report.json"),
    path.join(ROOT, "examples/data/annual-report.questions.json"),
  ],
  data("contract"),
  data("paper"),
  data("manual"),
];

/** A set that was not used to choose the share of the vectors. */
const HELD_OUT = new Set(["manual"]);

const pairs = (paths: readonly string[]): [string, string][] =>
  paths.flatMap((result, at) => {
    const questions = paths[at + 1];
    return at % 2 === 0 && questions !== undefined ? [[result, questions] as [string, string]] : [];
  });

const program = new Command("bench:retrieval")
  .description("Puts sets of questions to this package and to the stock LangChain.js pipeline.")
  .option("--check", "exit with 1 unless hybrid search meets the thresholds")
  .option("--json", "print one JSON document on stdout")
  .option("--misses", "name the questions that hybrid search does not answer with its first hit")
  .option("--shares", "try shares of the vectors in hybrid search instead, and print what hit@1 each reaches")
  .option("--set <files...>", "RESULT.json QUESTIONS.json: a further set, repeatable", [])
  .option("--only", "only the sets given with --set")
  .addOption(new Option("--store <kind>", "where points go").choices(STORES).default("lancedb"))
  .parse();

const options = program.opts<Options>();
if (options.set.length % 2 !== 0) program.error("--set: expected RESULT.json and QUESTIONS.json");

const report = async (open: readonly OpenSet[]): Promise<void> => {
  const reports: SetReport[] = [];
  for (const set of open) reports.push(await runSet(set));
  const failures = failuresOf(reports);
  if (options.json) console.log(JSON.stringify({ store: options.store, reports, failures }, null, 2));
  else console.log(formatReports(reports));
  if (options.misses) for (const miss of formatMisses(reports)) console.error(miss);
  if (options.check) {
    for (const failure of failures) console.error(`missed: ${failure}`);
    process.exitCode = failures.length > 0 ? 1 : 0;
  }
};

const embeddings = new UseLiteEmbeddings({ threads: 2 });
const store = await startStore(options.store);
try {
  const files = [...(options.only ? [] : OWN_SETS), ...pairs(options.set)];
  const sets: QuestionSet[] = await Promise.all(
    files.map(([result, questions]) => readSet(result, questions)),
  );
  const open: OpenSet[] = [];
  for (const set of sets) open.push(await openSet(set, embeddings, store));
  if (options.shares) {
    const rows = await tryShares(open);
    console.log(options.json ? JSON.stringify(rows, null, 2) : formatShares(rows, HELD_OUT));
  } else await report(open);
} finally {
  await store.close();
  await embeddings.close();
}
