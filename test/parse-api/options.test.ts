import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { fileLoaderOptionsSchema, UnsiloedFileLoaderOptions } from "../../loaders/file-loader.js";
import type { jobLoaderOptionsSchema, UnsiloedJobLoaderOptions } from "../../loaders/job-loader.js";
import type { LoaderOptions, loaderOptionsSchema } from "../../loaders/loader-options.js";
import type { clientOptionsSchema, UnsiloedClientOptions } from "../../src/parse-api/client-options.js";
import type { ParseRequestOptions, parseRequestSchema } from "../../src/parse-api/jobs/request-options.js";
import type { WaitTiming, waitOptionsSchema } from "../../src/parse-api/jobs/wait.js";
import type { ParseBudgetOptions, parseBudgetSchema } from "../../src/parse-api/limits/parse-budget.js";
import type { ResultLimitOptions, resultLimitsSchema } from "../../src/parse-api/results/limits.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of clients and loaders", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<UnsiloedClientOptions>().toEqualTypeOf<z.input<typeof clientOptionsSchema>>();
    expectTypeOf<ParseRequestOptions>().toEqualTypeOf<z.input<typeof parseRequestSchema>>();
    expectTypeOf<ParseBudgetOptions>().toEqualTypeOf<z.input<typeof parseBudgetSchema>>();
    expectTypeOf<WaitTiming>().toEqualTypeOf<z.input<typeof waitOptionsSchema>>();
    expectTypeOf<ResultLimitOptions | undefined>().toEqualTypeOf<z.input<typeof resultLimitsSchema>>();
    expectTypeOf<LoaderOptions>().toEqualTypeOf<z.input<typeof loaderOptionsSchema>>();
    expectTypeOf<UnsiloedJobLoaderOptions>().toEqualTypeOf<z.input<typeof jobLoaderOptionsSchema>>();
    expectTypeOf<UnsiloedFileLoaderOptions>().toEqualTypeOf<z.input<typeof fileLoaderOptionsSchema>>();
  });
});
