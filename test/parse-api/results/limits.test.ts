import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type {
  ResultLimitOptions,
  ResultLimits,
  resultLimitsSchema,
} from "../../../src/parse-api/results/limits.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the limits of results", () => {
  it("have the types that their schema accepts and gives", () => {
    expectTypeOf<ResultLimitOptions | undefined>().toEqualTypeOf<z.input<typeof resultLimitsSchema>>();
    expectTypeOf<ResultLimits>().toEqualTypeOf<z.output<typeof resultLimitsSchema>>();
  });
});
