import type { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { EvaluateSettings, evaluateSchema } from "../../src/retrieval/evaluate/evaluate-options.js";
import type { EvaluationQuestion, questionSchema } from "../../src/retrieval/evaluate/questions.js";
import type { ExpandOptions, expandSchema } from "../../src/retrieval/expand/expand-options.js";
import type { FusionOptions, fusionSchema } from "../../src/retrieval/fusion.js";
import type { RerankOption, rerankSchema } from "../../src/retrieval/rerank/rerank-options.js";
import type { SearchSettings, searchSettingsSchema } from "../../src/retrieval/search-options.js";
import type { SearchFilter, searchFilterSchema } from "../../src/stores/filter.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of retrieval", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<SearchSettings>().toEqualTypeOf<z.input<typeof searchSettingsSchema>>();
    expectTypeOf<FusionOptions | undefined>().toEqualTypeOf<z.input<typeof fusionSchema>>();
    expectTypeOf<RerankOption>().toEqualTypeOf<z.input<typeof rerankSchema>>();
    expectTypeOf<BaseDocumentCompressor>().toExtend<RerankOption>();
    expectTypeOf<ExpandOptions>().toEqualTypeOf<z.input<typeof expandSchema>>();
    expectTypeOf<EvaluateSettings>().toEqualTypeOf<z.input<typeof evaluateSchema>>();
    expectTypeOf<EvaluationQuestion>().toEqualTypeOf<z.input<typeof questionSchema>>();
    expectTypeOf<SearchFilter>().toEqualTypeOf<z.input<typeof searchFilterSchema>>();
  });
});
