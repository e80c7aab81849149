import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonScanError, type ScanEvent, type ScanLevel } from "../../../src/internal/json/scan.js";
import { JsonScanner } from "../../../src/internal/json/scanner.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
const LIMITS = { depth: 100, valueBytes: 1_000_000 };
const LEVELS: readonly ScanLevel[] = [
  { key: "chunks", how: "elements" },
  { key: "segments", how: "elements" },
  { key: "ocr", how: "skip" },
];

const scan = (bytes: Uint8Array, sizes: readonly number[] = [bytes.length], limits = LIMITS): ScanEvent[] => {
  const scanner = new JsonScanner(LEVELS, limits);
  const events: ScanEvent[] = [];
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    events.push(...scanner.scan(bytes.subarray(from, from + size)));
    from += size;
  }
  const last = scanner.end();
  return last ? [...events, last] : events;
};

const values = (events: readonly ScanEvent[], level: number): unknown[] =>
  events.flatMap((event) =>
    event.type === "value" && event.level === level ? [JSON.parse(event.text)] : [],
  );

const errorOf = (text: string, limits = LIMITS): JsonScanError => {
  try {
    scan(Buffer.from(text), [7], limits);
  } catch (thrown) {
    if (thrown instanceof JsonScanError) return thrown;
    throw thrown;
  }
  throw new Error("expected an error");
};

const tricky = fc.constantFrom(
  '"',
  "\\",
  '\\"',
  "}",
  "]",
  "chunks",
  "segments",
  "ocr",
  '"chunks":[',
  "Zoë 漢字 🙂",
  "\u2028",
);
const text = fc.oneof(fc.string({ unit: "grapheme" }), tricky);
const json = fc.jsonValue({ maxDepth: 3 });
const segment = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.dictionary(fc.oneof(text, fc.constant("ocr")), fc.oneof(json, text), { maxKeys: 4 }),
  },
  { weight: 1, arbitrary: json },
);
const chunk = fc.record(
  { chunk_id: text, segments: fc.array(segment, { maxLength: 4 }), embed: text, more: json },
  { requiredKeys: [] },
);

const without = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? { ...value, [key]: null }
    : value;

describe("JsonScanner", () => {
  it(`finds the same as JSON.parse, for any boundaries of pieces (seed ${SEED})`, () => {
    fc.assert(
      fc.property(
        fc.dictionary(text, json, { maxKeys: 3 }),
        fc.array(chunk, { maxLength: 5 }),
        fc.dictionary(text, json, { maxKeys: 3 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(undefined, 1, "\t"),
        (before, chunks, after, sizes, space) => {
          const all = JSON.stringify(
            { ...before, chunks, ...(without(after, "chunks") as object) },
            undefined,
            space,
          );
          const expected = JSON.parse(all);
          if (!Array.isArray(expected.chunks)) return;
          const events = scan(Buffer.from(all), sizes);
          expect(values(events, 2)).toEqual(
            expected.chunks
              .flatMap((one: { segments?: unknown[] }) => one.segments ?? [])
              .map((one: unknown) => without(one, "ocr")),
          );
          expect(values(events, 1)).toEqual(expected.chunks.map((one: unknown) => without(one, "segments")));
          expect(values(events, 0)).toEqual([without(expected, "chunks")]);
        },
      ),
      { seed: SEED },
    );
  });

  it("compares keys after decoding their escapes", () => {
    const events = scan(
      Buffer.from('{"\\u0063hunks" : [ {"s\\u0065gments":[1, {"o\\u0063r": [2]}]} ]}'),
      [3],
    );
    expect(values(events, 2)).toEqual([1, { ocr: null }]);
  });

  it("reports the position of values that it leaves out", () => {
    const bytes = Buffer.from('{"chunks":[{"segments":[{"ocr": ["ä]"] ,"a":1}]}]}');
    const [skipped] = scan(bytes, [1]).filter((event) => event.type === "skipped");
    if (skipped?.type !== "skipped") throw new Error("expected an event");
    expect(bytes.subarray(skipped.start, skipped.end).toString().trim()).toBe('["ä]"]');
  });

  it("returns a value that is not an object as a whole", () => {
    expect(values(scan(Buffer.from(" [1, 2]")), 0)).toEqual([[1, 2]]);
  });

  it("refuses values that are not arrays, and names the byte", () => {
    for (const [broken, byte] of [
      ['{"chunks":[{} {}]}', 14],
      ['{"chunks":[,{}]}', 11],
      ['{"chunks":[{},]}', 14],
      ['{"chunks":[{},,{}]}', 14],
      ['{"chunks":[{}}', 13],
      ['{"chunks":[]}}', 13],
      ['{"chunks":[]} x', 14],
      ['{"chunks":[],"chunks":[]}', 22],
    ] as const)
      expect([broken, errorOf(broken)]).toMatchObject([broken, { kind: "syntax", byte }]);
  });

  it("names the byte at which a text ends too early", () => {
    const whole = '{"a":1,"chunks":[{"segments":[{"b":"\\"]","ocr":[1]},2]}],"c":{}}';
    for (let end = 1; end < whole.length; end++)
      expect(errorOf(whole.slice(0, end))).toMatchObject({ kind: "end", byte: end });
  });

  it("holds at most the allowed bytes of a value, and limits the depth", () => {
    const long = JSON.stringify({ chunks: [{ segments: [{ a: "x".repeat(2_000), ocr: [] }] }] });
    expect(errorOf(long, { ...LIMITS, valueBytes: 1_000 })).toMatchObject({ kind: "limit", byte: 24 });
    const left = JSON.stringify({ chunks: [{ segments: [{ ocr: "x".repeat(2_000) }] }] });
    expect(values(scan(Buffer.from(left), [64], { ...LIMITS, valueBytes: 100 }), 2)).toEqual([{ ocr: null }]);
    const deep = `{"chunks":[{"segments":[{"a":${"[".repeat(1_000_000)}`;
    expect(errorOf(deep)).toMatchObject({ kind: "limit" });
    expect(errorOf(deep.replace('"a"', '"ocr"')).message).toContain("nested deeper than 100 levels");
  });
});
