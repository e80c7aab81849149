import { CUTTING } from "./judge-parts.js";
import type { JudgedFault, JudgedSet, Judgement } from "./judge-set.js";
import { STRUCTURE } from "./judge-structure.js";

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

const counts = <Kind extends string>(
  kinds: Readonly<Record<Kind, string>>,
  judgements: readonly Judgement<Kind>[],
): (string | number)[][] => {
  const rows: (string | number)[][] = [];
  for (const kind in kinds) rows.push([kinds[kind], ...judgements.map(({ faults }) => faults[kind].length)]);
  return rows;
};

/** Formats counts as Markdown: a table for uncut tables, and one for each budget. */
export const report = (sets: readonly JudgedSet[]): string => {
  const names = sets.map(({ name }) => name);
  const whole = table(
    ["uncut", ...names],
    [
      ["tables", ...sets.map((set) => set.tables)],
      ["rows", ...sets.map((set) => set.rows)],
      ["cells", ...sets.map((set) => set.cells)],
      ...counts(
        STRUCTURE,
        sets.map((set) => set.whole),
      ),
    ],
  );
  const budgets = [...(sets[0]?.cut.keys() ?? [])].map((budget) => {
    const judgements = sets.flatMap((set) => set.cut.get(budget) ?? []);
    return table(
      [`${budget} tokens`, ...names],
      [
        ["parts", ...judgements.map(({ parts }) => parts)],
        ["lines a part", ...judgements.map(({ lines, parts }) => (lines / parts).toFixed(2))],
        ...counts(CUTTING, judgements),
      ],
    );
  });
  return [whole, ...budgets].join("\n\n");
};

/** Formats some faults of each kind with their tables. */
export const listFaults = (sets: readonly JudgedSet[], most: number): string => {
  const shown = (label: string, faults: readonly JudgedFault[]): string[] =>
    faults.slice(0, most).map(({ table: name, text }) => `${label}: ${name}: ${text.slice(0, 200)}`);
  return sets
    .flatMap(({ name, whole, cut }) => [
      ...Object.entries(whole.faults).flatMap(([kind, faults]) => shown(`${name}, ${kind}`, faults)),
      ...[...cut].flatMap(([budget, { faults }]) =>
        Object.entries(faults).flatMap(([kind, found]) => shown(`${name}, ${budget} tokens, ${kind}`, found)),
      ),
    ])
    .join("\n");
};
