import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { IngestOptions, IngestSettings, ingestSettingsSchema } from "../../src/ingest/options.js";
import type { PlanOptions } from "../../src/ingest/plan.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of a run", () => {
  it("have the types that their schema accepts", () => {
    expectTypeOf<IngestSettings>().toEqualTypeOf<z.input<typeof ingestSettingsSchema>>();
  });

  it("are the same for a plan", () => {
    expectTypeOf<Omit<PlanOptions, "signal" | "areCached">>().toExtend<Partial<IngestOptions>>();
  });
});
