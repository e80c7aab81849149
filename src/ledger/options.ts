import { z } from "zod";
import type { Clock } from "../internal/async/clock.js";
import { DEFAULT_LEASE_MS } from "./claims.js";

/** The settings of a ledger, each with its default. */
export interface LedgerSettings {
  /** How long a claim lasts without being renewed, in milliseconds. Renew it after a third of that. @default 60000 */
  leaseMs?: number | undefined;
  /**
   * Keys in use, such as the API key: they are removed from errors, and no record that holds one is written.
   * @default []
   */
  secrets?: string[] | undefined;
}

export interface LedgerOptions extends LedgerSettings {
  /** Time, as tests may set it. @default the system's clock */
  clock?: Clock;
}

/** Checks {@link LedgerSettings} and fills in their defaults. */
export const ledgerSettingsSchema = z.strictObject({
  leaseMs: z.number().int().min(1000).max(86_400_000).default(DEFAULT_LEASE_MS),
  secrets: z.array(z.string()).default([]),
});
