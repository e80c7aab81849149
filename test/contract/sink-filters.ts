import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchFilter } from "../../src/stores/filter.js";
import type { PointMetadata } from "../../src/stores/sink.js";
import {
  atAngle,
  idOf,
  idsOf,
  type OpenSink,
  pointOf,
  pointsOf,
  type SinkCapabilities,
  type SinkUnderTest,
  SPEC,
} from "./sink-data.js";

const on = (...pages: number[]): Partial<PointMetadata> => ({
  page_number: pages[0] ?? 1,
  boxes: pages.map((page_number) => ({ page_number, bbox: null })),
});

/** Point n has metadata n. */
const POINTS: Partial<PointMetadata>[] = [
  { doc_id: "a", segment_type: "Text", confidence: 0.95, version: "v1", ...on(1) },
  { doc_id: "a", segment_type: "Table", confidence: 0.5, version: "v1", ...on(2, 3) },
  { doc_id: "a", segment_type: "Table", confidence: null, version: "v2", ...on(4) },
  { doc_id: "it's", segment_type: "Text", confidence: 0.7, version: "v1", ...on(2, 6) },
  { doc_id: "100%", segment_type: "Caption", confidence: 0, version: "it's", ...on(12) },
  { doc_id: "back\\slash", segment_type: `L'été "x"`, confidence: 1, version: "v1", ...on(0) },
  { doc_id: "100x", segment_type: "text", confidence: null, version: "V1", ...on(120) },
];

const CASES: [SearchFilter, number[]][] = [
  [{}, [0, 1, 2, 3, 4, 5, 6]],
  [{ docIds: ["a"] }, [0, 1, 2]],
  [{ docIds: ["it's"] }, [3]],
  [{ docIds: ["100%"] }, [4]],
  [{ docIds: ["back\\slash"] }, [5]],
  [{ docIds: ["a", "100%", "nowhere"] }, [0, 1, 2, 4]],
  [{ docIds: ["nowhere"] }, []],
  [{ docIds: ["') OR 1=1 --"] }, []],
  [{ docIds: [] }, []],
  [{ segmentTypes: ["Table"] }, [1, 2]],
  [{ segmentTypes: ["Text", "Caption"] }, [0, 3, 4]],
  [{ segmentTypes: [`L'été "x"`] }, [5]],
  [{ segmentTypes: [] }, []],
  [{ pages: { from: 1, to: 1 } }, [0]],
  [{ pages: { from: 0, to: 0 } }, [5]],
  [{ pages: { from: 3, to: 3 } }, [1]],
  [{ pages: { from: 3, to: 4 } }, [1, 2]],
  [{ pages: { from: 4, to: 5 } }, [2]],
  [{ pages: { from: 5, to: 9 } }, [3]],
  [{ pages: { from: 2, to: 2 } }, [1, 3]],
  [{ pages: { from: 12, to: 5000 } }, [4, 6]],
  [{ minConfidence: 0.5 }, [0, 1, 3, 5]],
  [{ minConfidence: 0 }, [0, 1, 3, 4, 5]],
  [{ minConfidence: 0.51 }, [0, 3, 5]],
  [{ minConfidence: 0.7 }, [0, 3, 5]],
  [{ minConfidence: 1 }, [5]],
  [{ version: "v1" }, [0, 1, 3, 5]],
  [{ version: "it's" }, [4]],
  [{ version: "" }, []],
  [
    {
      docIds: ["a", "it's"],
      segmentTypes: ["Table"],
      pages: { from: 2, to: 3 },
      minConfidence: 0.4,
      version: "v1",
    },
    [1],
  ],
  [{ docIds: ["a"], segmentTypes: ["Caption"] }, []],
];

export const describeFilters = (open: OpenSink, able: Required<SinkCapabilities>): unknown =>
  describe("filters", () => {
    let under: SinkUnderTest;
    beforeAll(async () => {
      under = await open();
      await under.sink.prepare(SPEC);
      await under.sink.upsert(
        POINTS.map((metadata, n) =>
          pointOf(n, { content: `common words ${n}`, vector: atAngle(n), metadata }),
        ),
      );
    });
    afterAll(() => under.close());

    it.each(CASES)("%j", async (filter, numbers) => {
      const expected = numbers.map(idOf);
      if (able.lists) expect(await under.sink.count(filter)).toBe(expected.length);
      for (const mode of able.modes) {
        const query = { mode, k: 20, text: "common words", vector: atAngle(3), filter };
        expect(idsOf(await under.sink.search(query)), mode).toEqual(expected);
      }
    });

    it("counts everything when no filter is given", async () => {
      if (able.lists) expect(await under.sink.count()).toBe(POINTS.length);
    });

    it("takes thousands of documents in one filter", async () => {
      const docIds = [...Array.from({ length: 3000 }, (_, n) => `none-${n}`), "a"];
      const hits = await under.sink.search({ mode: "dense", k: 20, vector: atAngle(0), filter: { docIds } });
      expect(idsOf(hits)).toEqual([0, 1, 2].map(idOf));
    });

    describe("among thousands of better hits", () => {
      let crowd: SinkUnderTest;
      const rare = pointOf(1, {
        content: "common",
        lexical: `common ${"but long ".repeat(30)}`,
        vector: atAngle(170),
        metadata: { doc_id: "rare", segment_type: "Caption", confidence: 0.99, version: "v9", ...on(77) },
      });
      beforeAll(async () => {
        crowd = await open();
        await crowd.sink.prepare(SPEC);
        const nearer = pointsOf(
          3000,
          (n) => ({
            content: "common common",
            vector: atAngle(n / 100),
            metadata: { doc_id: `d${n % 7}`, confidence: 0.5 },
          }),
          100,
        );
        await crowd.sink.upsert([...nearer, rare]);
      });
      afterAll(() => crowd.close());

      const filters: SearchFilter[] = [
        { docIds: ["rare"] },
        { segmentTypes: ["Caption"] },
        { pages: { from: 70, to: 80 } },
        { minConfidence: 0.9 },
        { version: "v9" },
      ];
      it.each(filters)("finds the one that matches: %j", async (filter) => {
        for (const mode of able.modes) {
          const query = { mode, k: 1, text: "common", vector: atAngle(0), filter };
          expect(idsOf(await crowd.sink.search(query)), mode).toEqual([rare.id]);
        }
      });
    });
  });
