import { omitUndefined } from "../../../internal/objects.js";
import type { PostgresDatabase } from "../../../internal/postgres/database.js";
import { readApiKey, readBaseUrl } from "../../../parse-api/client-options.js";
import { type KeyLimits, keyIdOf, ParseBudget } from "../../../parse-api/limits/parse-budget.js";

/**
 * Opens the budget of calls that all machines share which keep their ledger in one database.
 *
 * @throws UnsiloedError `API_KEY_MISSING`, `INVALID_OPTION`
 */
export const sharedBudget = async (database: PostgresDatabase, limits: KeyLimits): Promise<ParseBudget> => {
  const { PostgresCallWindow } = await import("../../../budget/postgres/postgres-call-window.js");
  const keyId = keyIdOf(readBaseUrl(undefined), readApiKey(undefined));
  return new ParseBudget(omitUndefined({ ...limits, window: new PostgresCallWindow(database, { keyId }) }));
};
