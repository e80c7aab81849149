import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { LedgerSettings, ledgerSettingsSchema } from "../../src/ledger/options.js";
import type { LedgerRecord } from "../../src/ledger/record.js";
import type { recordSchema } from "../../src/ledger/record-format.js";
import type { KeptResultsSettings, keptResultsSchema } from "../../src/ledger/results/kept-results.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options and records of the ledger", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<LedgerSettings>().toEqualTypeOf<z.input<typeof ledgerSettingsSchema>>();
    expectTypeOf<KeptResultsSettings>().toEqualTypeOf<z.input<typeof keptResultsSchema>>();
    expectTypeOf<LedgerRecord>().toEqualTypeOf<z.output<typeof recordSchema>>();
  });
});
