import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { SegmentFilterOptions, segmentFilterSchema } from "../../src/documents/filter.js";
import type {
  DocumentMetadata,
  documentMetadataSchema,
  PageBox,
  PointMetadata,
  pageBoxSchema,
  pointMetadataSchema,
  Reference,
  referenceSchema,
  SplitMetadata,
  splitMetadataSchema,
} from "../../src/documents/metadata.js";
import type { SegmentPolicyOptions, segmentPoliciesSchema } from "../../src/documents/policies.js";
import type { SegmentSplitterOptions, segmentSplitterSchema } from "../../src/splitters/options.js";

// The compiler makes these checks; `npm run typecheck` fails when one does not hold.
describe("the options of filters and splitters", () => {
  it("have the types that their schemas accept", () => {
    expectTypeOf<SegmentFilterOptions>().toEqualTypeOf<NonNullable<z.input<typeof segmentFilterSchema>>>();
    expectTypeOf<SegmentPolicyOptions>().toEqualTypeOf<z.input<typeof segmentPoliciesSchema>>();
    expectTypeOf<SegmentSplitterOptions>().toEqualTypeOf<
      NonNullable<z.input<typeof segmentSplitterSchema>>
    >();
  });
});

describe("metadata", () => {
  it("has the types of its schemas", () => {
    expectTypeOf<DocumentMetadata>().toEqualTypeOf<z.infer<typeof documentMetadataSchema>>();
    expectTypeOf<SplitMetadata>().toEqualTypeOf<z.infer<typeof splitMetadataSchema>>();
    expectTypeOf<PointMetadata>().toEqualTypeOf<z.infer<typeof pointMetadataSchema>>();
    expectTypeOf<PageBox>().toEqualTypeOf<z.infer<typeof pageBoxSchema>>();
    expectTypeOf<Reference>().toEqualTypeOf<z.infer<typeof referenceSchema>>();
  });
});
