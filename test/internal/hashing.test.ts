import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256, stableJson } from "../../src/internal/hashing.js";
import { cases } from "../support/thorough.js";

const SEED = Number(process.env["HASHING_SEED"] ?? Date.now() % 1_000_000);

/** Makes the JSON from which existing ids and versions were computed. */
const asDefined = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );

describe(`stable JSON (seed ${SEED})`, () => {
  it("is the JSON of the value with all keys in order", () => {
    expect(stableJson({ b: 1, a: [{ d: null, c: undefined }], "10": 2, "9": new Date(0) })).toBe(
      '{"9":"1970-01-01T00:00:00.000Z","10":2,"a":[{"d":null}],"b":1}',
    );
    const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "10", "9", "toJSON", "é"));
    const anything = fc.anything({ key, withDate: true, withNullPrototype: true, withSparseArray: true });
    fc.assert(
      fc.property(anything, (value) => {
        expect(stableJson(value)).toBe(asDefined(value));
      }),
      { seed: SEED, numRuns: cases(2000) },
    );
  });
});

describe(`the hash of texts (seed ${SEED})`, () => {
  it("is the hash of each text after its length, for short and long texts", () => {
    const long = fc.nat({ max: 40 }).map((times) => "ä\ud800x".repeat(times * 200));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), long), { maxLength: 20 }), (texts) => {
        const hash = createHash("sha256");
        for (const text of texts) hash.update(`${text.length}:`).update(text);
        expect(sha256(texts)).toBe(hash.digest("hex"));
      }),
      { seed: SEED, numRuns: cases(100) },
    );
  });
});
