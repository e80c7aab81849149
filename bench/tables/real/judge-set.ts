import { CUTTING, type CuttingKind, judgeParts } from "./judge-parts.js";
import { type Faults, judgeStructure, STRUCTURE, type StructureKind } from "./judge-structure.js";
import { type Product, splitTable } from "./product.js";
import type { RealSet, RealTable } from "./read-sets.js";
import { readShown } from "./shown-table.js";
import { SourceIndex } from "./source-index.js";
import { readSource } from "./source-table.js";

/** A budget that cuts no table. */
const WHOLE = 1_000_000;

/** A fault and its table. */
export interface JudgedFault {
  table: string;
  text: string;
}

export interface Judgement<Kind extends string> {
  parts: number;
  lines: number;
  faults: Record<Kind, JudgedFault[]>;
}

export interface JudgedSet {
  name: string;
  tables: number;
  rows: number;
  cells: number;
  whole: Judgement<StructureKind>;
  cut: Map<number, Judgement<CuttingKind>>;
}

const noFaults = <Kind extends string>(
  kinds: Readonly<Record<Kind, string>>,
): Record<Kind, JudgedFault[]> => {
  const faults: Partial<Record<Kind, JudgedFault[]>> = {};
  for (const kind in kinds) faults[kind] = [];
  // Every kind has a list.
  return faults as Record<Kind, JudgedFault[]>;
};

const addTo = <Kind extends string>(
  judgement: Judgement<Kind>,
  { name }: RealTable,
  parts: readonly { lines: readonly unknown[] }[],
  found: Faults<Kind>,
): void => {
  judgement.parts += parts.length;
  judgement.lines += parts.reduce((sum, { lines }) => sum + lines.length, 0);
  for (const kind in found)
    judgement.faults[kind].push(...found[kind].map((text) => ({ table: name, text })));
};

/** Splits and judges every table of a set. */
export const judgeSet = async (
  { name, tables }: RealSet,
  product: Product,
  budgets: readonly number[],
): Promise<JudgedSet> => {
  const judged: JudgedSet = {
    name,
    tables: 0,
    rows: 0,
    cells: 0,
    whole: { parts: 0, lines: 0, faults: noFaults(STRUCTURE) },
    cut: new Map(budgets.map((budget) => [budget, { parts: 0, lines: 0, faults: noFaults(CUTTING) }])),
  };
  for (const table of tables) {
    const source = readSource(table.html);
    if (!source || source.cells.every(({ text }) => text === "")) continue;
    const index = new SourceIndex(source);
    judged.tables += 1;
    judged.rows += source.rows.length;
    judged.cells += source.cells.length;
    const partsWithin = async (budget: number) => (await splitTable(product, table, budget)).map(readShown);
    const whole = await partsWithin(WHOLE);
    addTo(judged.whole, table, whole, judgeStructure(index, whole));
    for (const [budget, judgement] of judged.cut) {
      const parts = await partsWithin(budget);
      addTo(judgement, table, parts, judgeParts(index, parts, whole, budget, product.embeddingText));
    }
  }
  return judged;
};
