import { type JudgedSet, judgeSet } from "./judge-set.js";
import { loadProduct } from "./product.js";
import { readSets } from "./read-sets.js";
import { listFaults, report } from "./report.js";

export interface JudgeRealOptions {
  /** Budgets in tokens. */
  budgets: readonly number[];
  /** A checkout that was built, to be judged instead of these sources. */
  product: string | undefined;
  /** The most faults of a kind that are listed. */
  faults: number;
}

/** Kinds that need no judgement: text that is not shown, shown more than once, or longer than the budget. */
const isCertain = ({ whole, cut }: JudgedSet): boolean =>
  [...cut.values()].every(({ faults }) => faults.lost.length + faults.exceeded.length === 0) &&
  whole.faults.lost.length + whole.faults.repeated.length + whole.faults.markup.length === 0;

/**
 * Splits the tables of a folder, prints what is wrong with them, counted by kind and set.
 *
 * @returns whether every set has tables, no text is lost, no row repeated, no markup left, and every part in its budget
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
