import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchFilter } from "../../src/stores/filter.js";
import type { PointMetadata } from "../../src/stores/sink.js";
import {
  atAngle,
  collect,
  idOf,
  idsOf,
  metadataOf,
  type OpenSink,
  pointOf,
  pointsOf,
  type SinkCapabilities,
  type SinkUnderTest,
  SPEC,
} from "../support/sink-data.js";

const on = (...pages: number[]): Partial<PointMetadata> => ({
  page_number: pages[0] ?? 1,
  boxes: pages.map((page_number) => ({ page_number, bbox: null })),
});

/** Segments of the split; the id of each is its number. */
const holds = (...segment_indices: number[]): Partial<PointMetadata> => ({
  segment_indices,
  segment_id: `s'${segment_indices[0]}`,
  section_path: [],
});

const under = (heading: string, segment: number): Partial<PointMetadata> => ({
  ...holds(segment),
  section_path: ["Contract", heading, "Details"],
});

/** Point n has metadata n. */
const POINTS: Partial<PointMetadata>[] = [
  { doc_id: "a", segment_type: "Text", confidence: 0.95, version: "v1", ...on(1), ...under("1. Scope", 0) },
  { doc_id: "a", segment_type: "Table", confidence: 0.5, version: "v1", ...on(2, 3), ...holds(3) },
  { doc_id: "a", segment_type: "Table", confidence: null, version: "v2", ...on(4), ...holds(4, 5) },
  { doc_id: "it's", segment_type: "Text", confidence: 0.7, version: "v1", ...on(2, 6), ...holds(2, 6) },
  {
    doc_id: "100%",
    segment_type: "Caption",
    confidence: 0,
    version: "it's",
    ...on(12),
    ...under("It's 'so'", 9),
  },
  {
    doc_id: "back\\slash",
    segment_type: `L'été "x"`,
    confidence: 1,
    version: "v1",
    ...on(0),
    ...holds(2000),
  },
  {
    doc_id: "100x",
    segment_type: "text",
    confidence: null,
    version: "V1",
    ...on(120),
    ...under("1. scope", 5000),
  },
];

const CASES: [SearchFilter, number[]][] = [
  [{}, [0, 1, 2, 3, 4, 5, 6]],
  [{ docIds: ["a"] }, [0, 1, 2]],
  [{ docIds: ["it's"] }, [3]],
  [{ docIds: ["a"], all: [{ segmentTypes: ["Table"] }, { docIds: ["a", "100%"], version: "v2" }] }, [2]],
  [{ all: [{ sections: ["Contract"] }, { sections: ["1. Scope"] }] }, [0]],
  [{ all: [{}] }, [0, 1, 2, 3, 4, 5, 6]],
  [{ docIds: ["a"], all: [{ docIds: [] }] }, []],
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
  [{ sections: ["1. Scope"] }, [0]],
  [{ sections: ["Details"] }, [0, 4, 6]],
  [{ sections: ["It's 'so'", "1. scope", "nowhere"] }, [4, 6]],
  [{ sections: ["Scope"] }, []],
  [{ sections: ["Contract, 1. Scope"] }, []],
  [{ sections: [] }, []],
  [{ segments: { from: 0, to: 0 } }, [0]],
  [{ segments: { from: 3, to: 4 } }, [1, 2]],
  [{ segments: { from: 5, to: 5 } }, [2]],
  [{ segments: { from: 3, to: 3 } }, [1]],
  [{ segments: { from: 6, to: 100_000 } }, [3, 4, 5, 6]],
  [{ segmentIds: ["s'3", "s'4", "5"] }, [1, 2]],
  [{ segmentIds: ["s'5"] }, []],
  [{ segmentIds: [] }, []],
  [{ docIds: ["a"], segments: { from: 2, to: 4 }, sections: ["Contract"] }, []],
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

export const describeFilters = (open: OpenSink, can: Required<SinkCapabilities>): unknown =>
  describe("filters", () => {
    let opened: SinkUnderTest;
    beforeAll(async () => {
      opened = await open();
      await opened.sink.prepare(SPEC);
      await opened.sink.upsert(
        POINTS.map((metadata, n) =>
          pointOf(n, { content: `common words ${n}`, vector: atAngle(n), metadata }),
        ),
      );
    });
    afterAll(() => opened.close());

    it.each(CASES)("%j", async (filter, numbers) => {
      const expected = numbers.map(idOf);
      if (can.lists) {
        expect(await opened.sink.count(filter)).toBe(expected.length);
        expect(idsOf(await collect(opened.sink.readPoints(filter)))).toEqual(expected);
      }
      for (const mode of can.modes) {
        const query = { mode, k: 20, text: "common words", vector: atAngle(3), filter };
        expect(idsOf(await opened.sink.search(query)), mode).toEqual(expected);
      }
    });

    it("counts everything when no filter is given", async () => {
      if (can.lists) expect(await opened.sink.count()).toBe(POINTS.length);
    });

    it("takes thousands of documents in one filter", async () => {
      const docIds = [...Array.from({ length: 3000 }, (_, n) => `none-${n}`), "a"];
      const hits = await opened.sink.search({
        mode: "dense",
        k: 20,
        vector: atAngle(0),
        filter: { docIds },
      });
      expect(idsOf(hits)).toEqual([0, 1, 2].map(idOf));
    });

    it("lists the different values of a field, under a filter and up to a limit", async ({ skip }) => {
      const { sink } = opened;
      skip(!sink.listValues, "the store lists no values");
      const list = async (...given: Parameters<NonNullable<typeof sink.listValues>>) =>
        (await sink.listValues?.(...given))?.sort();
      expect(await list("doc_id")).toEqual(["100%", "100x", "a", "back\\slash", "it's"]);
      expect(await list("section_path", { filter: { docIds: ["100%", "a"] } })).toEqual(
        ["Contract", "1. Scope", "Details", "It's 'so'"].sort(),
      );
      expect(await list("segment_type", { filter: { docIds: ["a"] }, limit: 1 })).toHaveLength(1);
      expect(await list("doc_id", { filter: { docIds: [] } })).toEqual([]);
      await expect(list("doc_id", { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "ABORTED",
      });
    });

    describe.runIf(can.lists)("reading", () => {
      it("returns content and metadata as they were written", async () => {
        const [point, ...others] = await collect(opened.sink.readPoints({ docIds: ["100%"] }));
        expect(others).toEqual([]);
        expect(point).toEqual({ id: idOf(4), content: "common words 4", metadata: metadataOf(POINTS[4]) });
      });

      it("stops when aborted", async () => {
        const reading = collect(opened.sink.readPoints({}, { signal: AbortSignal.abort() }));
        await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
      });
    });
    if (!can.lists) {
      it("refuses to read points, because it cannot", async () => {
        const reading = collect(opened.sink.readPoints({}));
        await expect(reading).rejects.toMatchObject({ code: "UNSUPPORTED_SEARCH" });
      });
    }

    describe("among thousands of better hits", () => {
      let crowd: SinkUnderTest;
      const rareness = { ...holds(850), section_path: ["Rarities"] };
      const rare = pointOf(1, {
        content: "common",
        lexical: `common ${"but long ".repeat(30)}`,
        vector: atAngle(170),
        metadata: {
          doc_id: "rare",
          segment_type: "Caption",
          confidence: 0.99,
          version: "v9",
          ...on(77),
          ...rareness,
        },
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

      it.runIf(can.lists)("reads thousands of points, each once", async () => {
        const read = await collect(crowd.sink.readPoints({ docIds: ["d0", "d1", "d2", "d3", "d4", "d5"] }));
        expect(new Set(idsOf(read)).size).toBe(read.length);
        expect(read.length).toBe(
          await crowd.sink.count({ minConfidence: 0.5, docIds: ["d0", "d1", "d2", "d3", "d4", "d5"] }),
        );
        expect(read.length).toBeGreaterThan(2500);
      });

      const filters: SearchFilter[] = [
        { docIds: ["rare"] },
        { sections: ["Rarities"] },
        { segments: { from: 800, to: 900 } },
        { segmentIds: ["s'850"] },
        { segmentTypes: ["Caption"] },
        { pages: { from: 70, to: 80 } },
        { minConfidence: 0.9 },
        { version: "v9" },
      ];
      it.each(filters)("finds the one that matches: %j", async (filter) => {
        for (const mode of can.modes) {
          const query = { mode, k: 1, text: "common", vector: atAngle(0), filter };
          expect(idsOf(await crowd.sink.search(query)), mode).toEqual([rare.id]);
        }
      });
    });
  });
