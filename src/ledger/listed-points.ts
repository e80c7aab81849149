import { throwIfAborted } from "../internal/async/clock.js";
import type { Ledger } from "./ledger.js";

/** Counts the points of a store by listing the records, for ledgers that cannot count them otherwise. */
export const countListedPoints = async (
  ledger: Pick<Ledger, "list">,
  store: string,
  signal: AbortSignal | undefined,
): Promise<number> => {
  let points = 0;
  for await (const { record } of ledger.list({ states: ["stored"] })) {
    throwIfAborted(signal);
    if (record?.store === store) points += record.point_ids.length;
  }
  return points;
};
