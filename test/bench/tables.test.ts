import path from "node:path";
import { describe, expect, it } from "vitest";
import { checkTable } from "../../bench/tables/check.js";
import { tablesOfDirectory } from "../../bench/tables/files.js";
import { checkTables, generateTables, isSound } from "../../bench/tables/run.js";
import type { SplitDocument } from "../../src/documents/metadata.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";

const SEED = 7;
const SIZE = 128;
const DATA = path.resolve(import.meta.dirname, "../../bench/tables/data");

const firstWithParts = async () => {
  for (const table of generateTables(SEED, 50)) {
    const splits = await new SegmentSplitter({ chunkSize: SIZE }).transformDocuments(table.documents);
    const parts = splits.filter(({ metadata }) => metadata.row_end !== undefined);
    const [first, second] = parts;
    // A part of some of the columns need not show every name.
    const isWhole = second?.metadata.header?.length === table.header.length;
    if (table.header.some((name) => name !== "") && first && second && isWhole && parts.length < 9)
      return { table, splits, first, second };
  }
  throw new Error(`no table of a few parts with seed ${SEED}`);
};

describe(`the benchmark of tables, seed ${SEED}`, () => {
  it.each([64, SIZE, 400])(
    "finds no fault in generated and authored tables within %i tokens",
    async (size) => {
      for (const tables of [generateTables(SEED, 40), tablesOfDirectory(DATA)]) {
        const found = await checkTables(tables, size);
        expect(found.faults).toEqual([]);
        expect(isSound(found)).toBe(true);
      }
    },
  );

  it("finds a missing header, a lost row, a row in two parts and a part that is too long", async () => {
    const { table, splits, first, second } = await firstWithParts();
    const check = (from: SplitDocument, pageContent: string, size = SIZE) =>
      checkTable(
        table,
        splits.map((split) => (split === from ? { ...split, pageContent } : split)),
        size,
      );
    expect(checkTable(table, splits, SIZE).faults).toEqual([]);
    const lines = second.pageContent.split("\n");
    const rule = lines.findIndex((line) => line.startsWith("| ---"));
    const nameless = lines.with(rule - 1, lines[rule - 1]?.replace(/[\p{L}\d/]+/gu, "") ?? "").join("\n");
    expect(check(second, nameless).headerMissing).toBe(1);
    expect(check(second, lines.slice(0, -1).join("\n")).lost).toBeGreaterThan(0);
    expect(check(first, `${first.pageContent}\n${lines.at(-1)}`).doubled).toBeGreaterThan(0);
    expect(checkTable(table, splits, 20).exceeded).toBeGreaterThan(0);
  });
});
