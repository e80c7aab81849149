import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { stopwatch } from "../support/child.js";
import { checkTable, withHeaderFound } from "./check.js";
import type { CheckedTable } from "./checked-table.js";
import type { FoundTable } from "./files.js";
import { addFindings, type Findings, NOTHING_FOUND } from "./findings.js";
import { TableGenerator } from "./generate.js";

/** Budgets in tokens, of which the smaller ones make every case occur. */
export const BUDGETS = [64, 128, 400] as const;

export const generateTables = (seed: number, count: number): CheckedTable[] => {
  const generator = new TableGenerator(seed);
  return Array.from({ length: count }, () => generator.next());
};

/** Makes one part of every table. */
const uncut = new SegmentSplitter({ chunkSize: Number.MAX_SAFE_INTEGER });

/** Splits each table alone and checks the result. */
export const checkTables = async (
  tables: readonly (CheckedTable | FoundTable)[],
  chunkSize: number,
): Promise<Findings> => {
  const splitter = new SegmentSplitter({ chunkSize });
  let found = NOTHING_FOUND;
  for (const table of tables) {
    const splits = await splitter.transformDocuments(table.documents);
    const whole = await uncut.transformDocuments(table.documents);
    const columns = whole.find(({ metadata }) => metadata.header)?.metadata.header;
    const checked = "header" in table ? table : withHeaderFound(table, whole);
    found = addFindings(found, checkTable(checked, splits, chunkSize, columns));
  }
  return found;
};

/** Tells whether tables were checked, and nothing was missing, doubled, cut or too long. */
export const isSound = (found: Findings): boolean => found.parts > 0 && found.faults.length === 0;

/** Converts each table into one Markdown text. */
export const asMarkdown = async (tables: readonly (CheckedTable | FoundTable)[]): Promise<string[]> => {
  const texts = tables.map(async ({ documents }) => {
    const splits = await uncut.transformDocuments(documents);
    return splits
      .filter(({ metadata }) => metadata.header !== undefined)
      .map(({ pageContent }) => pageContent);
  });
  return (await Promise.all(texts)).flat();
};

/** Measures body rows split per second of processor time, including reading HTML and counting tokens; the best of several runs. */
export const rowsPerSecond = async (tables: readonly CheckedTable[], chunkSize: number, runs = 5) => {
  const documents = tables.flatMap((table) => table.documents);
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const stop = stopwatch();
    await new SegmentSplitter({ chunkSize }).transformDocuments(documents);
    best = Math.min(best, stop().cpuSeconds);
  }
  return Math.round(rows / best);
};
