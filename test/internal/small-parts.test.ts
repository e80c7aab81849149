import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { UnsiloedError } from "../../src/errors.js";
import { systemClock } from "../../src/internal/async/clock.js";
import { ignoring } from "../../src/internal/async/ignoring.js";
import { batches } from "../../src/internal/batching.js";
import { sha256, stableJson } from "../../src/internal/hashing.js";
import { sameItems, startsWith } from "../../src/internal/lists.js";
import { propertyOf } from "../../src/internal/objects.js";
import { importOptional } from "../../src/internal/optional-import.js";
import { describeIssue, parseOptions } from "../../src/internal/options.js";
import { clockSchema, functionSchema } from "../../src/internal/schemas.js";
import { countTokens } from "../../src/internal/text/tokens.js";

describe("batches", () => {
  it("keeps every item at any batch size", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        (items, maxCount, maxWeight) => {
          const cut = [...batches(items, { maxCount, maxWeight, weigh: (item) => item })];
          expect(cut.flat()).toEqual(items);
          for (const batch of cut) {
            expect(batch.length).toBeLessThanOrEqual(maxCount);
            const weight = batch.reduce((total, item) => total + item, 0);
            expect(batch.length === 1 || weight <= maxWeight).toBe(true);
          }
        },
      ),
    );
  });
});

describe("parseOptions", () => {
  const schema = z.strictObject({
    pollIntervalMs: z.number().min(1000).default(5000),
    mode: z.enum(["a", "b"]).optional(),
  });

  it.each([
    [{ pollIntervalMs: "5s" }, 'waiting: pollIntervalMs: expected number, got "5s" (string)'],
    [{ pollIntervalMs: 5 }, "waiting: pollIntervalMs: expected a number ≥ 1000, got 5 (number)"],
    [{ mode: "c" }, 'waiting: mode: expected "a" or "b", got "c" (string)'],
    [{ pollIntervall: 1 }, "waiting: unknown option pollIntervall"],
  ])("says which option, what was expected and what came: %j", (input, message) => {
    expect(() => parseOptions(schema, input, "waiting")).toThrow(message);
  });

  it("names a misspelt option rather than the one that is missing for it", () => {
    const required = z.strictObject({ embeddings: z.string(), sink: z.string() });
    expect(() => parseOptions(required, { emebddings: "x", sink: "y" }, "ingest")).toThrow(
      "ingest: unknown option emebddings; did you mean embeddings?",
    );
  });

  it("names the path in nested input", () => {
    const nested = z.object({ chunks: z.array(z.object({ page: z.number() })) });
    const input = { chunks: [{ page: 1 }, { page: "x" }] };
    const { error } = nested.safeParse(input);
    expect(error && describeIssue(error, input)).toBe('chunks[1].page: expected number, got "x" (string)');
  });
});

describe("hashing", () => {
  it("does not depend on the order of keys", () => {
    expect(stableJson({ b: 1, a: { d: [2, { f: 1, e: 2 }], c: undefined } })).toBe(
      '{"a":{"d":[2,{"e":2,"f":1}]},"b":1}',
    );
  });

  it("distinguishes lists of texts that are equal when joined", () => {
    expect(sha256(["ab", "c"])).not.toBe(sha256(["a", "bc"]));
  });
});

describe("countTokens", () => {
  it("counts control tokens in a document as plain text", () => {
    expect(countTokens("<|endoftext|>")).toBeGreaterThan(1);
  });

  it("never counts less when a long unbroken run is cut, and stays fast", () => {
    const run = "ab".repeat(400);
    expect(countTokens(run)).toBeGreaterThanOrEqual(countTokens(run.slice(0, 512)));
    expect(countTokens("x".repeat(1_000_000))).toBeGreaterThan(10_000);
  });
});

describe("importOptional", () => {
  it("names the package to install", async () => {
    const load = () => import(["no", "such", "package"].join("-"));
    await expect(importOptional(load, "the store", "no-such-package")).rejects.toMatchObject({
      code: "MISSING_PACKAGE",
      message: 'the store needs optional packages: run "npm install no-such-package"',
    });
  });
});

describe("lists", () => {
  it.each([
    [[], [], true, true],
    [["a", "b"], ["a"], true, false],
    [["a"], ["a", "b"], false, false],
    [["a"], ["a", undefined], false, false],
    [["a", "b"], ["a", "b"], true, true],
    [["a", "b"], ["b", "a"], false, false],
  ])("compares %j and %j", (list, other, begins, isSame) => {
    expect(startsWith<string | undefined>(list, other)).toBe(begins);
    expect(sameItems<string | undefined>(list, other)).toBe(isSame);
  });
});

describe("propertyOf", () => {
  it.each([
    [{ code: "ENOENT" }, "ENOENT"],
    [Object.assign(new Error("gone"), { code: 5 }), 5],
    [{}, undefined],
    [null, undefined],
    ["text", undefined],
  ])("reads a property of %o", (value, expected) => {
    expect(propertyOf(value, "code")).toBe(expected);
  });
});

describe("schemas of options", () => {
  it("accept a clock and a function only", () => {
    expect(clockSchema.safeParse({ now: () => 0 }).success).toBe(false);
    expect(clockSchema.parse(undefined)).toBe(systemClock);
    expect(functionSchema<() => void>().safeParse("text").error?.issues[0]?.message).toBe(
      "expected a function",
    );
  });
});

describe("ignoring", () => {
  const fail = (code: "COLLECTION_NOT_FOUND" | "STORE_REFUSED") => () =>
    Promise.reject(new UnsiloedError(code, "no"));

  it("returns what the work returns, and nothing for the error that is expected", async () => {
    expect(await ignoring("COLLECTION_NOT_FOUND", async () => 1)).toBe(1);
    expect(await ignoring("COLLECTION_NOT_FOUND", fail("COLLECTION_NOT_FOUND"))).toBeUndefined();
    await expect(ignoring("COLLECTION_NOT_FOUND", fail("STORE_REFUSED"))).rejects.toThrow("no");
  });
});
