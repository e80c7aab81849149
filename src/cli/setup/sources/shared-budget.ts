import { omitUndefined } from "../../../internal/objects.js";
import type { PostgresDatabase } from "../../../internal/postgres/database.js";
import { readApiKey, readBaseUrl } from "../../../parse-api/client-options.js";
import { type KeyLimits, keyIdOf, ParseBudget } from "../../../parse-api/limits/parse-budget.js";

/**
 * Opens the budget of calls and active jobs that all machines share which keep their ledger in one database.
 *
 * @throws UnsiloedError `API_KEY_MISSING`, `INVALID_OPTION`
 */
export const sharedBudget = async (database: PostgresDatabase, limits: KeyLimits): Promise<ParseBudget> => {
  const { PostgresCallWindow } = await import("../../../budget/postgres/postgres-call-window.js");
  const { PostgresActiveJobs } = await import("../../../budget/postgres/postgres-active-jobs.js");
  const keyId = keyIdOf(readBaseUrl(undefined), readApiKey(undefined));
  const window = new PostgresCallWindow(database, { keyId });
  const jobs = new PostgresActiveJobs(database, { keyId });
  return new ParseBudget(omitUndefined({ ...limits, window, jobs }));
};
