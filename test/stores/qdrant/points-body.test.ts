import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floatsCapacity, writeFloats } from "../../../src/stores/qdrant/points/float-digits.js";
import { cutBody, type PointsBody, pointsBodies } from "../../../src/stores/qdrant/points/points-body.js";
import type { Point } from "../../../src/stores/sink.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { idOf } from "../../support/sink-data.js";
import { cases } from "../../support/thorough.js";

const SEED = Number(process.env["SEED"] ?? 11);
const layout = { payload: "langchain-js", dense: "", sparse: "bm25", bm25: {} } as const;

const print = (values: readonly number[]): string => {
  const room = floatsCapacity(values.length);
  const bytes = Buffer.alloc(room + 8, "#");
  const end = writeFloats(bytes, 0, values);
  expect(bytes.toString("latin1", end, end + 8)).toBe("########");
  expect(end).toBeLessThanOrEqual(room);
  return bytes.toString("latin1", 0, end);
};

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true });
const unitFloat = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 0, max: 12 }))
  .map(([value, exponent]) => Math.fround(value * 10 ** -exponent));

describe(`vectors as text (seed ${SEED})`, () => {
  it("keep every bit of a float32, including the sign of zero", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFloat, unitFloat)), (values) => {
        const read: number[] = JSON.parse(print(values));
        expect(read.map(Math.fround)).toEqual(values);
      }),
      { seed: SEED, numRuns: cases(2000) },
    );
  });

  it("keep it even with a parser that is wrong in the last digit", () => {
    fc.assert(
      fc.property(unitFloat, (value) => {
        const [read = Number.NaN]: number[] = JSON.parse(print([value]));
        const error = Number.EPSILON * 2;
        for (const factor of [1 - error, 1 + error]) expect(Math.fround(read * factor)).toBe(value);
      }),
      { seed: SEED, numRuns: cases(5000) },
    );
  });

  it("have at most 9 digits, and no trailing zeros", () => {
    fc.assert(
      fc.property(unitFloat, (value) => {
        const digits = print([value]).replace(/e.*/, "").replace(/\D/g, "").replace(/^0+/, "");
        expect(digits.length).toBeLessThanOrEqual(9);
        expect(digits).not.toMatch(/0$/);
      }),
      { seed: SEED, numRuns: cases(2000) },
    );
  });

  it.each([
    [[], "[]"],
    [[0, -0, 1, -1], "[0,-0,1,-1]"],
    [[0.1, 0.25, -0.5, 1 / 3], "[0.1,0.25,-0.5,0.33333334]"],
    [[0.99999994, 0.099999994, 1e-7, 2e-7], "[0.99999994,0.099999994,0.0000001,0.0000002]"],
    [[16777216, 3.4028234663852886e38, 1e-45], "[16777216,3.40282347e+38,1.40129846e-45]"],
  ])("%j is %s", (values, text) => {
    expect(print(values)).toBe(text);
  });
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constant("half \ud83d end"),
  fc.constant("é".repeat(300)),
);
const point = fc
  .record({ n: fc.nat(), content: text, lexical: text, vector: fc.array(unitFloat, { maxLength: 40 }) })
  .map(({ n, ...rest }): Point => samplePoint(n, rest));

const pointsOf = ({ bytes }: PointsBody): unknown[] => JSON.parse(bytes.toString("utf8")).points;
const vectorOf = ({ vector }: { vector: number[] | { "": number[] } }): number[] =>
  Array.isArray(vector) ? vector : vector[""];

describe(`points as bodies of requests (seed ${SEED})`, () => {
  it("contain every point once, in order, within the limits", () => {
    const limits = fc.record({
      maxCount: fc.integer({ min: 1, max: 6 }),
      maxBytes: fc.integer({ min: 100, max: 6000 }),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 15 }), limits, (points, { maxCount, maxBytes }) => {
        const bodies = [...pointsBodies(points, layout, { maxCount, maxBytes })];
        for (const body of bodies) {
          expect(body.ends.length).toBe(pointsOf(body).length);
          expect(body.ends.length).toBeLessThanOrEqual(maxCount);
          if (body.ends.length > 1) expect(body.bytes.length).toBeLessThanOrEqual(maxBytes);
        }
        const sent = bodies.flatMap(pointsOf);
        expect(sent).toMatchObject(
          points.map(({ id, content, metadata }) => ({
            id,
            payload: { content: Buffer.from(content).toString(), metadata: { doc_id: metadata.doc_id } },
          })),
        );
        expect(sent.map((one) => vectorOf(one as { vector: number[] }).map(Math.fround))).toEqual(
          points.map(({ vector }) => vector),
        );
      }),
      { seed: SEED, numRuns: cases(300) },
    );
  });

  it("are split into halves with the same points", () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 9 }), (points) => {
        const [whole, ...more] = pointsBodies(points, layout, { maxCount: 9, maxBytes: 1_000_000 });
        if (!whole || more.length > 0) throw new Error("expected one body");
        const halves = cutBody(whole, Math.ceil(points.length / 2));
        expect(halves.flatMap(pointsOf)).toEqual(pointsOf(whole));
        expect(halves.map(({ ends }) => ends.length)).toEqual([
          Math.ceil(points.length / 2),
          Math.floor(points.length / 2),
        ]);
        const again = halves.flatMap((half) => cutBody(half, 1));
        expect(again.flatMap(pointsOf)).toEqual(pointsOf(whole));
      }),
      { seed: SEED, numRuns: cases(200) },
    );
  });

  it("are created only when they are needed", () => {
    let taken = 0;
    const points = function* () {
      for (let n = 0; n < 100; n++) {
        taken++;
        yield samplePoint(n, { id: idOf(n) });
      }
    };
    const bodies = pointsBodies(points(), layout, { maxCount: 10, maxBytes: 1_000_000 });
    bodies.next();
    expect(taken).toBe(11);
  });
});
