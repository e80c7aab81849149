import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Point, PointMetadata, VectorSink } from "../../src/stores/sink.js";
import {
  atAngle,
  collect,
  cosine,
  idOf,
  idsOf,
  metadataOf,
  type OpenSink,
  pointOf,
  pointsOf,
  randomNumbers,
  SEED,
  type SinkCapabilities,
  type SinkUnderTest,
  SPEC,
} from "../support/sink-data.js";

const UNUSUAL: Record<string, PointMetadata> = {
  "nothing known": metadataOf({
    job_id: null,
    bbox: null,
    confidence: null,
    page_width: null,
    page_height: null,
    section_path: [],
    boxes: [{ page_number: 1, bbox: null }],
  }),
  "many languages and quotes": metadataOf({
    source: `it's "quoted" \\ back\\slash 100% 日本語 Ωμέγα 👩‍👩‍👧 \u0301e`,
    section_path: ["Résumé", "''; DROP TABLE unsiloed; --", "line\nbreak\ttab", ""],
  }),
  "a table over two pages": metadataOf({
    segment_type: "Table",
    header: ["Year", "Revenue, €", ""],
    row_start: 0,
    row_end: 41,
    caption: 'Table 2: "net"',
    caption_id: "c-1",
    boxes: [
      { page_number: 3, bbox: { left: 0, top: 700.125, width: 612, height: 92 } },
      { page_number: 4, bbox: { left: 0.1, top: 0, width: 612, height: 300.3 } },
    ],
    segment_indices: [4, 5, 9],
  }),
  "fields of later versions": metadataOf({
    chart_data: { series: [{ name: "A", values: [1, -2.5, 1e-9, null] }], deep: { er: { still: [[], {}] } } },
    another: "unknown",
    flag: false,
    "dotted.key": 0,
  }),
};

export const describeWriting = (open: OpenSink, can: Required<SinkCapabilities>): unknown =>
  describe("writing", () => {
    let opened: SinkUnderTest;
    let sink: VectorSink;
    beforeEach(async () => {
      opened = await open();
      sink = opened.sink;
      await sink.prepare(SPEC);
    });
    afterEach(() => opened.close());

    /** Returns all points, nearest to the first axis first. */
    const all = () => sink.search({ mode: "dense", k: 5000, vector: atAngle(0) });
    const only = async () => {
      const hits = await all();
      expect(hits).toHaveLength(1);
      return hits[0];
    };

    it("does nothing for empty lists", async () => {
      expect(await sink.upsert([])).toBe(0);
      await sink.deletePoints([]);
      expect(await all()).toEqual([]);
    });

    it("stores the same vector from a list and from a Float32Array", async () => {
      const vector = atAngle(33);
      await sink.upsert([pointOf(1, { vector }), pointOf(2, { vector: Float32Array.from(vector) })]);
      const [one, two] = await all();
      expect(one?.score).toBeCloseTo(two?.score ?? 0, 6);
      expect(one?.score).toBeCloseTo(cosine(vector, atAngle(0)), 5);
    });

    it("replaces the whole point when its id is upserted again", async () => {
      await sink.upsert([
        pointOf(1, {
          content: "old words",
          metadata: { caption: "gone", version: "v1" },
          vector: atAngle(90),
        }),
      ]);
      expect(await sink.upsert([pointOf(1, { content: "new", metadata: { version: "v2" } })])).toBe(1);
      const hit = await only();
      expect(hit?.content).toBe("new");
      expect(hit?.metadata).toEqual(metadataOf({ version: "v2" }));
    });

    it.runIf(can.modes.includes("text"))("forgets the words of a point that was replaced", async () => {
      await sink.upsert([pointOf(1, { content: "heron" }), pointOf(2, { content: "magpie" })]);
      await sink.upsert([pointOf(1, { content: "kestrel" })]);
      expect(await sink.search({ mode: "text", k: 5, text: "heron" })).toEqual([]);
      expect(idsOf(await sink.search({ mode: "text", k: 5, text: "kestrel" }))).toEqual([idOf(1)]);
    });

    it("keeps the last of several points with one id, and counts it once", async () => {
      const written = await sink.upsert([
        pointOf(1, { content: "first" }),
        pointOf(2, { content: "other" }),
        pointOf(1, { content: "last" }),
      ]);
      expect(written).toBe(2);
      expect((await all()).map(({ content }) => content).sort()).toEqual(["last", "other"]);
    });

    it.each([250, 257, 1000, 2500])("writes %i points, each once", async (count) => {
      const points = pointsOf(count);
      expect(await sink.upsert(points)).toBe(count);
      expect(idsOf(await all())).toEqual(idsOf(points));
      expect(await sink.upsert(points)).toBe(count);
      expect(await all()).toHaveLength(count);
    });

    it.each(Object.entries(UNUSUAL))("returns metadata unchanged: %s", async (_name, metadata) => {
      await sink.upsert([{ ...pointOf(1), metadata }]);
      expect((await only())?.metadata).toEqual(metadata);
    });

    it("returns texts unchanged", async () => {
      const texts = [
        "",
        " ",
        "\n\r\n\t",
        "quote \" and ' and `",
        "\\",
        "日本語 👩‍👩‍👧",
        "x".repeat(100_000),
        "a\u0001b",
      ];
      await sink.upsert(texts.map((content, n) => pointOf(n, { content })));
      const stored = new Map((await all()).map(({ id, content }) => [id, content]));
      expect(texts.map((_, n) => stored.get(idOf(n)))).toEqual(texts);
    });

    it("stores a text with U+0000 in it, which it may drop", async () => {
      await sink.upsert([pointOf(1, { content: "nul \u0000 here", metadata: { caption: "a\u0000b" } })]);
      const hit = await only();
      expect(hit?.content.replace("\u0000", "")).toBe("nul  here");
      expect(String(hit?.metadata.caption).replace("\u0000", "")).toBe("ab");
    });

    it("replaces lone surrogates", async () => {
      await sink.upsert([pointOf(1, { content: "half \ud83d end", metadata: { caption: "\udc00" } })]);
      const hit = await only();
      expect(hit?.content).toBe("half \ufffd end");
      expect(hit?.metadata.caption).toBe("\ufffd");
    });

    it("stores a point whose vector is all zeros", async () => {
      await sink.upsert([pointOf(1, { vector: new Array<number>(SPEC.dimensions).fill(0) }), pointOf(2)]);
      if (can.lists) expect(await sink.count()).toBe(2);
      expect((await all()).map(({ id }) => id)).toContain(idOf(2));
      if (!can.modes.includes("text")) return;
      const found = await sink.search({ mode: "text", k: 5, text: "passage number 1" });
      expect(found.map(({ id }) => id)).toContain(idOf(1));
    });

    it("stores a point without words for searching", async () => {
      expect(await sink.upsert([pointOf(1, { content: "—", lexical: " ?! " }), pointOf(2)])).toBe(2);
      expect(idsOf(await all())).toEqual([idOf(1), idOf(2)]);
      if (can.modes.includes("text"))
        expect(idsOf(await sink.search({ mode: "text", k: 5, text: "?! passage" }))).toEqual([idOf(2)]);
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e39])(
      "refuses a vector with %d in it, and writes nothing of the call",
      async (bad) => {
        const vector = atAngle(0).with(3, bad);
        const points = [pointOf(1), pointOf(2, { vector }), pointOf(3)];
        await expect(sink.upsert(points)).rejects.toMatchObject({
          code: "STORE_REFUSED",
          retryable: false,
          message: expect.stringContaining(idOf(2)),
        });
        expect(await all()).toEqual([]);
      },
    );

    it.each([0, 7, 9])("refuses a vector of %i numbers, and writes nothing of the call", async (length) => {
      const points = [pointOf(1), pointOf(2, { vector: new Array<number>(length).fill(0.5) })];
      const writing = sink.upsert(points);
      await expect(writing).rejects.toMatchObject({
        code: "STORE_MISMATCH",
        message: expect.stringContaining(idOf(2)),
      });
      expect(await all()).toEqual([]);
    });

    it("deletes the given points and ignores ids that do not exist", async () => {
      await sink.upsert(pointsOf(10));
      await sink.deletePoints([idOf(3), idOf(99), idOf(5), idOf(3)]);
      expect(idsOf(await all())).toEqual([0, 1, 2, 4, 6, 7, 8, 9].map(idOf));
    });

    it("deletes thousands of points", async () => {
      const points = pointsOf(2600);
      await sink.upsert(points);
      await sink.deletePoints(points.slice(1).map(({ id }) => id));
      expect(idsOf(await all())).toEqual([idOf(0)]);
    });

    it("stores a point again after it was deleted", async () => {
      await sink.upsert([pointOf(1)]);
      await sink.deletePoints([idOf(1)]);
      await sink.upsert([pointOf(1, { content: "again" })]);
      expect((await only())?.content).toBe("again");
    });

    it("stores documents from several calls at once", async () => {
      const documents = Array.from({ length: 8 }, (_, document) =>
        pointsOf(30, () => ({ metadata: { doc_id: `doc-${document}` } }), document * 100),
      );
      const written = await Promise.all(documents.map((points) => sink.upsert(points)));
      expect(written).toEqual(documents.map(() => 30));
      expect(idsOf(await all())).toEqual(idsOf(documents.flat()));
    });

    it.runIf(can.persists)("stores the same points from two sinks at once, each once", async () => {
      const other = await opened.reopen?.();
      if (!other) throw new Error("a sink that persists must be able to reopen");
      for (let round = 0; round < 4; round++) {
        const [from, alsoFrom] = [round * 100, round * 100 + 50];
        await Promise.all([
          sink.upsert(pointsOf(100, undefined, from)),
          other.upsert(pointsOf(100, undefined, alsoFrom)),
        ]);
      }
      expect(idsOf(await all())).toEqual(idsOf(pointsOf(450)));
    });

    it.runIf(can.persists)("stores documents from two sinks at once", async () => {
      const other = await opened.reopen?.();
      if (!other) throw new Error("a sink that persists must be able to reopen");
      const write = async (to: VectorSink, from: number) => {
        for (let call = 0; call < 5; call++) await to.upsert(pointsOf(20, undefined, from + call * 20));
      };
      await Promise.all([write(sink, 0), write(other, 1000)]);
      expect(await sink.count()).toBe(200);
      expect(await other.count()).toBe(200);
    });

    if (can.lists) describeListing(() => sink);
    else it.skip("lists and counts the points of a document (skipped: the store cannot list)");
  });

const describeListing = (current: () => VectorSink): unknown =>
  describe("listing", () => {
    const list = (docId: string, vectors = false) => collect(current().listPoints(docId, { vectors }));
    const inDocument = (doc_id: string, points: readonly Point[]): Point[] =>
      points.map((point) => ({ ...point, metadata: { ...point.metadata, doc_id } }));

    it("lists the points of one document with their versions", async () => {
      await current().upsert([
        pointOf(1, { metadata: { doc_id: "a", version: "v1" } }),
        pointOf(2, { metadata: { doc_id: "a", version: "v2" } }),
        pointOf(3, { metadata: { doc_id: "b", version: "v1" } }),
        pointOf(4, { metadata: { doc_id: "A", version: "v1" } }),
      ]);
      const listed = await list("a");
      expect(listed.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: idOf(1), version: "v1" },
        { id: idOf(2), version: "v2" },
      ]);
      expect(await list("nowhere")).toEqual([]);
    });

    it("lists vectors when asked to", async () => {
      const points = inDocument("a", pointsOf(50));
      await current().upsert(points);
      const listed = await list("a", true);
      expect(idsOf(listed)).toEqual(idsOf(points));
      const written = new Map(points.map(({ id, vector }) => [id, vector]));
      for (const { id, vector = [] } of listed) {
        expect(vector).toHaveLength(SPEC.dimensions);
        expect(cosine(vector, written.get(id) ?? [])).toBeCloseTo(1, 6);
      }
    });

    it("lists documents of thousands of points", async () => {
      const points = inDocument("long", pointsOf(2300));
      await current().upsert([...points, ...inDocument("short", pointsOf(40, undefined, 5000))]);
      expect(idsOf(await list("long"))).toEqual(idsOf(points));
      const withVectors = await list("long", true);
      expect(idsOf(withVectors)).toEqual(idsOf(points));
      expect(withVectors.every(({ vector }) => vector?.length === SPEC.dimensions)).toBe(true);
    });

    it.each(["it's", 'say "hi"', "100%", "under_score", "back\\slash", "'; DELETE", "日本語/👩", " ", ""])(
      "distinguishes the document %j from others",
      async (docId) => {
        await current().upsert([...inDocument(docId, [pointOf(1)]), ...inDocument("itxs", [pointOf(2)])]);
        expect(idsOf(await list(docId))).toEqual([idOf(1)]);
        expect(await current().count({ docIds: [docId] })).toBe(1);
      },
    );

    it("can be stopped in the middle", async () => {
      await current().upsert(inDocument("a", pointsOf(1500)));
      for await (const { id } of current().listPoints("a", { vectors: true })) {
        expect(id).toMatch(/^0{8}-/);
        break;
      }
      expect(await list("a")).toHaveLength(1500);
    });

    it("gives the right points after any order of upserts and deletions", async () => {
      const random = randomNumbers(SEED);
      const expected = new Map<string, string>();
      for (let step = 0; step < 30; step++) {
        const numbers = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
          Math.floor(random() * 40),
        );
        const version = `v${step}`;
        if (random() < 0.6) {
          await current().upsert(numbers.map((n) => pointOf(n, { metadata: { doc_id: "a", version } })));
          for (const n of numbers) expected.set(idOf(n), version);
        } else {
          await current().deletePoints(numbers.map(idOf));
          for (const n of numbers) expected.delete(idOf(n));
        }
      }
      const listed = (await list("a")).map(({ id, version }) => [id, version] as const);
      expect(new Map(listed)).toEqual(expected);
      expect(listed).toHaveLength(expected.size);
      expect(await current().count()).toBe(expected.size);
    });
  });
