import { omitUndefined } from "../../../internal/objects.js";
import { isPostgresAddress } from "../../../internal/postgres/address.js";
import { readApiKey, readBaseUrl } from "../../../parse-api/client-options.js";
import { type KeyLimits, keyIdOf, ParseBudget } from "../../../parse-api/limits/parse-budget.js";

/**
 * Returns the budget of calls that all machines share which keep their ledger in one database; `undefined` without one.
 *
 * @throws UnsiloedError `API_KEY_MISSING`, `INVALID_OPTION`
 */
export const sharedBudget = async (
  state: string | undefined,
  limits: KeyLimits,
): Promise<ParseBudget | undefined> => {
  if (state === undefined || !isPostgresAddress(state)) return undefined;
  const { PostgresCallWindow } = await import("../../../budget/postgres/postgres-call-window.js");
  const keyId = keyIdOf(readBaseUrl(undefined), readApiKey(undefined));
  return new ParseBudget(omitUndefined({ ...limits, window: new PostgresCallWindow(state, { keyId }) }));
};
