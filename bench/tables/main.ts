// Checks how tables are split: the header in every part, all cells, whole rows, the budget, and the speed.
//
//   npm run bench:tables -- [--check] [--tables N] [--seed N] [--budget N]... [DIR of .html files]...
//   npm run bench:tables -- --real DIR [--check] [--budget N]... [--product CHECKOUT] [--faults N]
//   npm run bench:tables -- --groups DIR [--budget N]... [--seed N]
import path from "node:path";
import { parseArgs } from "node:util";
import { tablesOfDirectory } from "./files.js";
import type { Findings } from "./findings.js";
import { compareForms } from "./groups/compare-forms.js";
import { plainTables } from "./plain.js";
import { judgeReal } from "./real/judge-real.js";
import { asMarkdown, BUDGETS, checkTables, generateTables, isSound, rowsPerSecond } from "./run.js";
import { splitWithStock } from "./stock.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: "boolean", default: false },
    tables: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    budget: { type: "string", multiple: true, default: BUDGETS.map(String) },
    real: { type: "string" },
    groups: { type: "string" },
    product: { type: "string" },
    faults: { type: "string", default: "0" },
  },
});
const budgets = values.budget.map(Number);

const percent = (part: number, whole: number): string =>
  whole === 0 ? "no parts" : `${((100 * (whole - part)) / whole).toFixed(part === 0 ? 0 : 2)} %`;

const show = (name: string, budget: number, found: Findings): void => {
  const { tables, rows, parts, words, headerMissing, lost, doubled, rowsCut, exceeded } = found;
  console.log(`\n${name}, budget ${budget}: ${tables} tables, ${rows} rows, ${parts} parts`);
  console.log(`  header in every part  ${percent(headerMissing, parts)}`);
  console.log(`  cells preserved       ${percent(lost, words)}; in two parts unmarked: ${doubled}`);
  console.log(`  rows cut              ${rowsCut}`);
  console.log(`  budget exceeded       ${exceeded}`);
  for (const fault of found.faults.slice(0, 10)) console.log(`  FAULT ${fault}`);
};

/** Tables that are checked when no directory is named. */
const DATA = path.join(import.meta.dirname, "data");

const checkSound = async (count: number, seed: number): Promise<boolean> => {
  const generated = generateTables(seed, count);
  const sets = [
    { name: `Generated tables (seed ${seed})`, tables: generated },
    ...(positionals.length > 0 ? positionals : [DATA]).map((directory) => ({
      name: `Tables of ${path.relative(process.cwd(), directory) || "."}`,
      tables: tablesOfDirectory(directory),
    })),
  ];
  let sound = true;
  for (const { name, tables } of sets) {
    for (const budget of budgets) {
      const found = await checkTables(tables, budget);
      show(name, budget, found);
      sound &&= isSound(found);
      const stock = await splitWithStock(await asMarkdown(tables), budget);
      console.log(
        `  RecursiveCharacterTextSplitter on the same tables: ${stock.parts} parts, header in every part ` +
          `${percent(stock.headerMissing, stock.parts)}, rows cut ${stock.rowsCut}`,
      );
    }
  }
  const plain = plainTables(seed, Math.ceil(count / 5));
  console.log("");
  for (const budget of budgets) {
    const [odd, even] = [await rowsPerSecond(generated, budget), await rowsPerSecond(plain, budget)];
    console.log(`Speed, budget ${budget}: ${odd} rows/s of generated tables, ${even} of plain ones`);
  }
  return sound;
};

const seed = Number(values.seed);

const run = (): Promise<boolean> => {
  if (values.groups !== undefined) return compareForms(values.groups, { budgets, seed });
  if (values.real === undefined) return checkSound(Number(values.tables), seed);
  return judgeReal(values.real, { budgets, product: values.product, faults: Number(values.faults) });
};

const sound = await run();
console.log(sound ? "\nAll sound." : "\nNOT SOUND: see the faults above.");
if (values.check && !sound) process.exitCode = 1;
