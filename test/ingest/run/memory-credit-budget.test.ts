import { describe } from "vitest";
import { MemoryCreditBudget } from "../../../src/ingest/run/memory-credit-budget.js";
import { itKeepsCredits } from "../../contract/credit-budget.js";

/** Tells whether a promise is still open once all that is due has run. */
const isWaiting = async (promise: Promise<unknown>): Promise<boolean> => {
  const open = Symbol();
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  const turn = new Promise((resolve) => setImmediate(resolve, open));
  return (await Promise.race([settled, turn])) === open;
};

describe("a budget of credits in memory", () => {
  itKeepsCredits({ open: (max) => new MemoryCreditBudget(max), isWaiting });
});
