import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { LanceDbSinkOptions, lanceDbOptionsSchema } from "../../src/stores/lancedb/options.js";
import type { LangChainSinkOptions, langChainOptionsSchema } from "../../src/stores/langchain/options.js";
import type { QdrantSinkOptions, qdrantOptionsSchema } from "../../src/stores/qdrant/options.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of stores", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<LanceDbSinkOptions>().toEqualTypeOf<z.input<typeof lanceDbOptionsSchema>>();
    expectTypeOf<QdrantSinkOptions>().toEqualTypeOf<z.input<typeof qdrantOptionsSchema>>();
    expectTypeOf<LangChainSinkOptions>().toEqualTypeOf<z.input<typeof langChainOptionsSchema>>();
  });
});
