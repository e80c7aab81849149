import { fuse } from "../../src/retrieval/fusion.js";
import { meanOf, type Scores, scoreOne } from "./metrics.js";
import type { OpenSet } from "./run.js";

/** How many hits of each kind are fused, as hybrid search does. */
const CANDIDATES = 50;

const SHARES = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1];

/** The figures of one share of the vectors on each set. */
export interface ShareRow {
  denseShare: number;
  /** By name of the set. */
  scores: Record<string, Scores>;
}

/** Tries shares of the vectors on stored sets. Each question is searched once, and its two lists are fused for each share. */
export const tryShares = async (sets: readonly OpenSet[]): Promise<ShareRow[]> => {
  const lists = new Map(
    await Promise.all(
      sets.map(async ({ name, judged, search }) => {
        const found = judged.map(async ({ question, judge }) => ({
          judge,
          dense: await search("dense", question, CANDIDATES),
          text: await search("text", question, CANDIDATES),
        }));
        return [name, await Promise.all(found)] as const;
      }),
    ),
  );
  return SHARES.map((denseShare) => {
    const scores = [...lists].map(([name, questions]) => {
      const each = questions.map(({ judge, dense, text }) => {
        const fused = fuse(dense, text, { denseShare });
        return scoreOne(
          judge,
          fused.map(({ content }) => content),
        );
      });
      return [name, meanOf(each)] as const;
    });
    return { denseShare, scores: Object.fromEntries(scores) };
  });
};

/** Formats hit@1 of each share on each set; the last column decided the choice. */
export const formatShares = (rows: readonly ShareRow[], heldOut: ReadonlySet<string>): string => {
  const names = Object.keys(rows[0]?.scores ?? {});
  const title = (name: string): string => (heldOut.has(name) ? `${name} (held out)` : name);
  const chosenBy = names.filter((name) => !heldOut.has(name));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => cell.padStart(at < 1 ? 11 : 20)).join("");
  return [
    line(["denseShare", ...names.map(title), "mean without it"]),
    ...rows.map(({ denseShare, scores }) => {
      const mean = meanOf(chosenBy.flatMap((name) => scores[name] ?? []));
      const cells = names.map((name) => (scores[name]?.["hit@1"] ?? 0).toFixed(3));
      return line([String(denseShare), ...cells, mean["hit@1"].toFixed(3)]);
    }),
  ].join("\n");
};
