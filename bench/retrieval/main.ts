// Measures how well questions find their answers: npm run bench:retrieval -- [--check] [--json] [--set RESULT QUESTIONS]…
import path from "node:path";
import { Command, Option } from "commander";
import { StaticEmbeddings } from "../../src/embeddings/local/static-embeddings.js";
import { readSet } from "./questions.js";
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

/** Short documents in other languages, asked in other words than theirs, to see what the model finds by meaning. */
const LANGUAGE_SETS: [string, string][] = ["vertrag-de", "manuel-fr", "informe-es", "hetong-zh"].map(data);

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

const runSets = async (open: readonly OpenSet[]): Promise<SetReport[]> => {
  const reports: SetReport[] = [];
  for (const set of open) reports.push(await runSet(set));
  return reports;
};

const report = async (open: readonly OpenSet[], openLanguages: readonly OpenSet[]): Promise<void> => {
  const [reports, languages] = [await runSets(open), await runSets(openLanguages)];
  const failures = failuresOf(reports, languages);
  if (options.json) {
    console.log(JSON.stringify({ store: options.store, reports, languages, failures }, null, 2));
  } else
    console.log(
      [reports, languages]
        .filter(({ length }) => length > 0)
        .map(formatReports)
        .join("\n\n"),
    );
  if (options.misses) for (const miss of formatMisses(reports)) console.error(miss);
  if (options.check) {
    for (const failure of failures) console.error(`missed: ${failure}`);
    process.exitCode = failures.length > 0 ? 1 : 0;
  }
};

const embeddings = new StaticEmbeddings();
const store = await startStore(options.store);
try {
  const openSets = async (files: readonly [string, string][]): Promise<OpenSet[]> => {
    const open: OpenSet[] = [];
    for (const [result, questions] of files) {
      open.push(await openSet(await readSet(result, questions), embeddings, store));
    }
    return open;
  };
  const open = await openSets([...(options.only ? [] : OWN_SETS), ...pairs(options.set)]);
  if (options.shares) {
    const rows = await tryShares(open);
    console.log(options.json ? JSON.stringify(rows, null, 2) : formatShares(rows, HELD_OUT));
  } else await report(open, await openSets(options.only ? [] : LANGUAGE_SETS));
} finally {
  await store.close();
}
