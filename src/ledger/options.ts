import { z } from "zod";
import type { Clock } from "../internal/async/clock.js";
import { DEFAULT_LEASE_MS } from "./claims.js";

/** What every ledger can be told. */
export const ledgerSettingsSchema = z.strictObject({
  /** How long a claim holds without being renewed, in milliseconds. Renew at a third of it. @default 60000 */
  leaseMs: z.number().int().min(1000).max(86_400_000).default(DEFAULT_LEASE_MS),
  /** Keys in use, such as the API key: they are taken out of errors, and no record that holds one is written. */
  secrets: z.array(z.string()).default([]),
});

export interface LedgerOptions extends z.input<typeof ledgerSettingsSchema> {
  clock?: Clock;
}
