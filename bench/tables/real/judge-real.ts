import { type JudgedSet, judgeSet } from "./judge-set.js";
import { loadProduct } from "./product.js";
import { readSets } from "./read-sets.js";
import { listFaults, report } from "./report.js";

export interface JudgeRealOptions {
  /** Budgets in tokens. */
  budgets: readonly number[];
  /** A built checkout, which is judged instead of these sources. */
  product: string | undefined;
  /** How many faults of a kind are listed at most. */
  faults: number;
}

/** Kinds of certain faults: text that is not shown, is shown more than once, or exceeds the budget. */
const isCertain = ({ whole, cut }: JudgedSet): boolean =>
  [...cut.values()].every(({ faults }) => faults.lost.length + faults.exceeded.length === 0) &&
  whole.faults.lost.length + whole.faults.repeated.length + whole.faults.markup.length === 0;

/**
 * Splits the tables of a folder, and prints the numbers of faults by kind and set.
 *
 * @returns whether every set has tables, no text is lost, no row is repeated, no markup is left, and every part is within its budget
 */
export const judgeReal = async (
  directory: string,
  { budgets, product, faults }: JudgeRealOptions,
): Promise<boolean> => {
  const loaded = await loadProduct(product);
  const judged: JudgedSet[] = [];
  for (const set of readSets(directory)) judged.push(await judgeSet(set, loaded, budgets));
  console.log(report(judged));
  if (faults > 0) console.log(`\n${listFaults(judged, faults)}`);
  return judged.length > 0 && judged.every(isCertain);
};
