// Measures how well questions find their evidence in large collections of real documents: npm run bench:corpus
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { Random } from "../support/random.js";
import { failuresOf } from "./check.js";
import { openCollection } from "./collection.js";
import { openModel } from "./models.js";
import { formatDifferences, formatFigures, formatKinds } from "./report.js";
import { linesOf, runSet, type SetReport, WAYS } from "./run.js";
import { findSet, listSets } from "./sets.js";

interface Options {
  check?: boolean;
  kinds?: boolean;
  outcomes?: string;
  data: string[];
  sets: string[];
  model?: string;
  cache: string;
  questions?: number;
  seed: number;
}

const numberOf = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`expected a whole number from 1, got "${value}"`);
  return number;
};

/** Names the directories of data, as in `PATH`, where `--data` is not given. */
const VARIABLE = "BENCH_CORPUS_DATA";

const program = new Command("bench:corpus")
  .description(
    "Puts questions to large collections of real documents and looks for the evidence in what is found.",
  )
  .option("--data <directories...>", `where the sets are (default: ${VARIABLE})`)
  .option("--sets <names...>", "only these sets", [])
  .option(
    "--model <name>",
    "what --embeddings of the command accepts, or none: only words are searched (default: the bundled one)",
  )
  .option("--cache <directory>", "where vectors are kept", path.join(tmpdir(), "unsiloed-bench-vectors"))
  .option("--check", "exit with 1 unless hybrid search meets the thresholds")
  .option("--kinds", "print hit@5 of each kind of question, too")
  .option("--outcomes <file>", "write what each way found for each question, as JSON lines")
  .option("--questions <count>", "only so many questions of each set, drawn by the seed", numberOf)
  .option("--seed <number>", "draws questions and intervals", numberOf, 1)
  .parse();

const options = program.opts<Options>();
const data =
  options.data ?? (process.env[VARIABLE] ?? "").split(path.delimiter).filter((entry) => entry !== "");
if (data.length === 0)
  program.error(`no data: name directories with --data or in ${VARIABLE}; see bench/README.md`);
if (options.check && options.model === "none") program.error("--check: needs a model, got none");

const scratch = await mkdtemp(path.join(tmpdir(), "unsiloed-corpus-"));
const embeddings = await openModel(options.model, options.cache);
try {
  console.log(`model ${embeddings.modelName}, seed ${options.seed}`);
  const ways = WAYS.filter(({ mode }) => options.model !== "none" || mode === "text");
  const reports: SetReport[] = [];
  for (const name of options.sets.length > 0 ? options.sets : await listSets(data)) {
    const set = await findSet(name, data, path.join(scratch, "unpacked"));
    if (!set) {
      console.log(`skipped ${name}: not in ${data.join(", ")}`);
      continue;
    }
    const questions = [...set.questions];
    if (options.questions) new Random(options.seed).shuffle(questions);
    const collection = await openCollection(set, embeddings, path.join(scratch, "stores"));
    try {
      const { own, stock } = collection.counts;
      console.log(`${name}: ${set.files.length} documents, ${own} splits, ${stock} of the stock splitter`);
      reports.push(await runSet(name, questions.slice(0, options.questions), ways, collection));
    } finally {
      await collection.close();
    }
  }
  console.log(`\n${formatFigures(reports, options.seed)}\n\n${formatDifferences(reports, options.seed)}`);
  if (options.kinds) console.log(`\n${formatKinds(reports)}`);
  if (options.outcomes) await writeFile(options.outcomes, reports.flatMap(linesOf).join(""));
  if (options.check) {
    const failures = failuresOf(reports, options.seed);
    for (const failure of failures) console.error(`missed: ${failure}`);
    process.exitCode = failures.length > 0 ? 1 : 0;
  }
} finally {
  await embeddings.close?.();
  await rm(scratch, { recursive: true, force: true });
}
