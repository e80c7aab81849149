// Measures precision and recall of caption links and references, on results whose true links are recorded.
// npm run bench:captions -- [--check] [RESULT.json LINKS.json]...

import path from "node:path";
import { readLinks } from "./links.js";
import { measure, type Tally } from "./measure.js";

const root = path.resolve(import.meta.dirname, "../..");
const data = path.join(import.meta.dirname, "data");

const AUTHORED: [result: string, links: string][] = [
  [path.join(root, "examples/data/annual-report.json"), path.join(data, "annual-report.links.json")],
  ...["layouts", "languages", "no-boxes"].map((name): [string, string] => [
    path.join(data, `${name}.json`),
    path.join(data, `${name}.links.json`),
  ]),
];

const pairsOf = (files: readonly string[]): [string, string][] => {
  const [result, links, ...rest] = files;
  if (result === undefined) return [];
  if (links === undefined) throw new Error(`${result}: its LINKS.json is missing`);
  return [[result, links], ...pairsOf(rest)];
};

const percent = (part: number, whole: number): string =>
  whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;

const row = (document: string, { name, expected, found, right }: Omit<Tally, "faults">): string[] => [
  document,
  name,
  String(expected),
  String(found),
  String(right),
  percent(right, found),
  percent(right, expected),
];

const sum = (name: string, tallies: readonly Tally[]): Tally => {
  const own = tallies.filter((tally) => tally.name === name);
  const add = (pick: (tally: Tally) => number) => own.reduce((total, tally) => total + pick(tally), 0);
  const [expected, found, right] = [
    add((tally) => tally.expected),
    add((tally) => tally.found),
    add((tally) => tally.right),
  ];
  return { name, expected, found, right, faults: own.flatMap(({ faults }) => faults) };
};

const print = (rows: readonly string[][]): void => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  for (const cells of rows)
    console.log(
      cells
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    );
};

const main = async (given: readonly string[]): Promise<number> => {
  const check = given.includes("--check");
  const files = given.filter((argument) => argument !== "--check");
  const rows = [["document", "key", "true", "found", "right", "precision", "recall"]];
  const all: Tally[] = [];
  for (const [result, links] of [...AUTHORED, ...pairsOf(files)]) {
    const tallies = await measure(result, await readLinks(links));
    const name = path.basename(result, ".json");
    for (const tally of tallies) {
      rows.push(row(name, tally));
      all.push({ ...tally, faults: tally.faults.map((fault) => `${name}: ${fault}`) });
    }
  }
  for (const name of ["caption_of", "caption_id", "refers_to"]) rows.push(row("all", sum(name, all)));
  print(rows);
  const faults = all.flatMap((tally) => tally.faults);
  for (const fault of faults) console.log(fault);
  if (check) console.log(faults.length === 0 ? "all right" : `${faults.length} faults`);
  return check && faults.length > 0 ? 1 : 0;
};

process.exitCode = await main(process.argv.slice(2));
