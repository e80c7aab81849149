import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { ExpandOptions, expandSchema } from "../../src/retrieval/expand-options.js";
import type {
  retrieverSettingsSchema,
  SegmentRetrieverSettings,
} from "../../src/retrieval/segment-retriever.js";
import type { SearchFilter, searchFilterSchema } from "../../src/stores/filter.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of retrieval", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<SegmentRetrieverSettings>().toEqualTypeOf<z.input<typeof retrieverSettingsSchema>>();
    expectTypeOf<ExpandOptions>().toEqualTypeOf<z.input<typeof expandSchema>>();
    expectTypeOf<SearchFilter>().toEqualTypeOf<z.input<typeof searchFilterSchema>>();
  });
});
