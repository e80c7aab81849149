import { fuse } from "../../src/stores/fusion.js";
import { meanOf, type Scores, scoreOne } from "./metrics.js";
import type { OpenSet } from "./run.js";

/** How many hits of each kind are fused, the default of the stores. */
const PREFETCH = 50;

const GRID = [1, 2, 3, 5, 60].flatMap((k) =>
  [0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 1, 2].map((dense) => ({ k, dense, text: 1 })),
);

/** The figures of one setting of the fusion on each set. */
export interface WeightRow {
  k: number;
  dense: number;
  /** By name of the set. */
  scores: Record<string, Scores>;
}

/** Tries settings of the fusion on stored sets. Each question is searched once, and its two lists are fused for each setting. */
export const tryWeights = async (sets: readonly OpenSet[]): Promise<WeightRow[]> => {
  const lists = new Map(
    await Promise.all(
      sets.map(async ({ name, judged, search }) => {
        const found = judged.map(async ({ question, judge }) => ({
          judge,
          dense: await search("dense", question, PREFETCH),
          text: await search("text", question, PREFETCH),
        }));
        return [name, await Promise.all(found)] as const;
      }),
    ),
  );
  return GRID.map((weights) => {
    const scores = [...lists].map(([name, questions]) => {
      const each = questions.map(({ judge, dense, text }) => {
        const contents = new Map([...dense, ...text].map(({ id, content }) => [id, content]));
        const ids = (hits: readonly { id: string }[]) => hits.map(({ id }) => id);
        const fused = fuse(ids(dense), ids(text), weights);
        return scoreOne(
          judge,
          fused.map(({ id }) => contents.get(id) ?? ""),
        );
      });
      return [name, meanOf(each)] as const;
    });
    return { k: weights.k, dense: weights.dense, scores: Object.fromEntries(scores) };
  });
};

/** Formats hit@1 of each setting on each set; the last column decided the choice. */
export const formatWeights = (rows: readonly WeightRow[], heldOut: ReadonlySet<string>): string => {
  const names = Object.keys(rows[0]?.scores ?? {});
  const title = (name: string): string => (heldOut.has(name) ? `${name} (held out)` : name);
  const chosenBy = names.filter((name) => !heldOut.has(name));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => cell.padStart(at < 2 ? 7 : 20)).join("");
  return [
    line(["k", "dense", ...names.map(title), "mean without it"]),
    ...rows.map(({ k, dense, scores }) => {
      const mean = meanOf(chosenBy.flatMap((name) => scores[name] ?? []));
      const cells = names.map((name) => (scores[name]?.["hit@1"] ?? 0).toFixed(3));
      return line([String(k), String(dense), ...cells, mean["hit@1"].toFixed(3)]);
    }),
  ].join("\n");
};
