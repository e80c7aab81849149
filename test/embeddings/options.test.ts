import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type {
  CachedEmbeddingsSettings,
  cachedEmbeddingsSchema,
} from "../../src/embeddings/cache/cached-embeddings.js";
import type {
  StaticEmbeddingsOptions,
  staticEmbeddingsSchema,
} from "../../src/embeddings/local/static-embeddings.js";
import type { PackedOpenAIOptions, packedOpenAIOptionsSchema } from "../../src/embeddings/openai/options.js";

type PackedOpenAIInput = z.input<typeof packedOpenAIOptionsSchema>;

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of embeddings", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<CachedEmbeddingsSettings>().toEqualTypeOf<z.input<typeof cachedEmbeddingsSchema>>();
    expectTypeOf<StaticEmbeddingsOptions>().toEqualTypeOf<z.input<typeof staticEmbeddingsSchema>>();
    expectTypeOf<Omit<PackedOpenAIOptions, "fetch" | "clock">>().toEqualTypeOf<PackedOpenAIInput>();
  });
});
