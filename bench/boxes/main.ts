// Compares the boxes of splits with where their words are printed: on authored results and on seeded, typeset pages.
//   npm run bench:boxes -- [--check] [--seed N] [--pages N] [result.json …]
import path from "node:path";
import { parseArgs } from "node:util";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { printedRows, printedWords } from "./authored.js";
import { measure, Tally } from "./measure.js";
import {
  INCOMPLETE_SCENARIOS,
  LINE_SCENARIOS,
  TABLE_SCENARIOS,
  TEXT_SCENARIOS,
  tablePage,
  textPage,
  WRONG_SCENARIOS,
} from "./scenarios.js";

const LEAST_IOU = 0.95;

/** The least share of splits with word precision. Authored documents have no reading mistakes; typeset pages have some. */
const AUTHORED = 1;
const TYPESET = 0.99;

/** Token budgets: one so small that most segments are cut, and the default. */
const CHUNK_SIZES = [40, 120, 400];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    pages: { type: "string", default: "5" },
  },
});
const seed = Number(values.seed);
const pages = Number(values.pages);
const sample = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");
const files = positionals.length > 0 ? positionals : [sample];

const missed: string[] = [];

const figure = (value: number | undefined): string => (value === undefined ? "unknown" : value.toFixed(4));

/** @param leastShare of splits with word precision; `undefined` when the figures are for information */
const report = (name: string, tally: Tally, leastShare: number | undefined): void => {
  if (tally.splits === 0) return;
  const { splits, wordShare, mean, least, ious } = tally;
  console.log(
    `| ${name} | ${splits} | ${(wordShare * 100).toFixed(1)} % | ${ious.length} | ${figure(mean)} | ${figure(least)} |`,
  );
  if (leastShare === undefined) return;
  if (wordShare < leastShare)
    missed.push(`${name}: ${splits - tally.word} of ${splits} splits without word precision`);
  if (mean !== undefined && mean < LEAST_IOU)
    missed.push(`${name}: mean IoU ${mean.toFixed(4)} < ${LEAST_IOU}`);
};

const heading = (title: string): void => {
  console.log(`\n| ${title} | splits | word precision | truth known | mean IoU | least IoU |`);
  console.log("| --- | --- | --- | --- | --- | --- |");
};

const merge = (into: Tally, from: Tally): void => {
  into.splits += from.splits;
  into.word += from.word;
  into.ious.push(...from.ious);
};

console.log(`seed ${seed}, ${pages} pages of each kind, splits of ${CHUNK_SIZES.join(", ")} tokens`);

heading("authored results");
for (const file of files) {
  const segments = await new UnsiloedResultLoader(file, { words: true, filter: {} }).load();
  for (const chunkSize of CHUNK_SIZES) {
    const { text, tables } = await measure(segments, { printed: printedWords, rows: printedRows }, chunkSize);
    report(`${path.basename(file)}, text, ${chunkSize} tokens`, text, AUTHORED);
    report(`${path.basename(file)}, table rows, ${chunkSize} tokens`, tables, AUTHORED);
  }
}

heading("typeset text");
const textScenarios = {
  ...TEXT_SCENARIOS,
  ...LINE_SCENARIOS,
  ...INCOMPLETE_SCENARIOS,
  ...WRONG_SCENARIOS,
};
for (const [name, scenario] of Object.entries(textScenarios)) {
  const all = new Tally();
  for (let page = 0; page < pages; page++) {
    const { segments, truth } = textPage(scenario, seed * 1000 + page);
    for (const chunkSize of CHUNK_SIZES) merge(all, (await measure(segments, truth, chunkSize)).text);
  }
  const leastShare = name in TEXT_SCENARIOS ? TYPESET : name in LINE_SCENARIOS ? 0 : undefined;
  report(name, all, leastShare);
  if (name in WRONG_SCENARIOS && all.word > 0)
    missed.push(`${name}: ${all.word} of ${all.splits} splits with word precision, none expected`);
}

heading("typeset tables, rows");
for (const [name, scenario] of Object.entries(TABLE_SCENARIOS)) {
  const all = new Tally();
  for (let page = 0; page < pages; page++) {
    const { segments, truth } = tablePage(scenario, seed * 1000 + page);
    for (const chunkSize of CHUNK_SIZES) merge(all, (await measure(segments, truth, chunkSize)).tables);
  }
  report(name, all, TYPESET);
}

if (missed.length > 0) {
  console.log(`\nmissed:\n${missed.map((each) => `- ${each}`).join("\n")}`);
  if (values.check) process.exitCode = 1;
}
