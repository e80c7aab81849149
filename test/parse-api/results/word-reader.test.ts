import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../../bench/support/random.js";
import { packWords, unpackWords } from "../../../src/documents/packed-words.js";
import type { PackedWords, Word } from "../../../src/documents/segment.js";
import { UnsiloedError } from "../../../src/errors.js";
import { INCOMPLETE, UNREADABLE } from "../../../src/internal/json/bytes.js";
import { readSegment } from "../../../src/parse-api/results/read-segment.js";
import { WordReader } from "../../../src/parse-api/results/word-reader.js";
import { mutateBytes } from "../../support/hostile/mutate-bytes.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
const MOST = 50;

/** Reads bytes that begin with the JSON of words. @returns the words and that JSON, or how reading ended */
const read = (
  json: string | Uint8Array,
  behind = ",",
): { words: PackedWords; bytes: Uint8Array } | "incomplete" | "unreadable" => {
  const bytes = Buffer.concat([Buffer.from(json), Buffer.from(behind)]);
  const reader = new WordReader(MOST);
  const end = reader.read(bytes, 0);
  const words = reader.take();
  if (end === INCOMPLETE || end === UNREADABLE) {
    expect(words).toBeUndefined();
    return end === INCOMPLETE ? "incomplete" : "unreadable";
  }
  if (!words) throw new Error("read, but without words");
  return { words, bytes: bytes.subarray(0, end) };
};

/** Reads the same as objects; `undefined` if these are refused. */
const readAsObjects = (json: string | Uint8Array): Word[] | undefined => {
  try {
    const segment = { segment_type: "Text", page_number: 1, ocr: JSON.parse(Buffer.from(json).toString()) };
    return readSegment(segment, "s", { name: "r", words: true }).ocr ?? undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof UnsiloedError) return undefined;
    throw thrown;
  }
};

const plain = (words: readonly Word[] | undefined) =>
  words?.map(({ text, bbox: { left, top, width, height }, confidence }) => ({
    text,
    bbox: { left, top, width, height },
    confidence: confidence ?? null,
  }));

const number = fc.oneof(
  fc.double({ min: 0, max: 5_000, noNaN: true }),
  fc.integer({ min: -5, max: 3_000 }),
  fc.integer({ min: 0, max: 300_000 }).map((hundredths) => hundredths / 100),
  fc.constantFrom(-0, 1e-7, 1e21, 46.800000000000004, 5e-324),
);
const text = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('"quoted"', "\\", "naïve", "漢字", "🙂", "\u0000\n", "\ud800", "\ufffd", ""),
);
const otherValue = fc.constantFrom<unknown>(null, "x", 5, true, [], {}, [1, [2, { a: "]" }]]);
const box = fc.record({ left: number, top: number, width: number, height: number });
const word = fc.record(
  {
    bbox: fc.oneof({ weight: 20, arbitrary: box }, { weight: 1, arbitrary: otherValue }),
    text: fc.oneof({ weight: 20, arbitrary: text }, { weight: 1, arbitrary: otherValue }),
    confidence: fc.oneof({ weight: 20, arbitrary: number }, { weight: 2, arbitrary: otherValue }),
    color: otherValue,
    link: text,
  },
  { requiredKeys: ["bbox", "text"] },
);
const shuffled = fc
  .tuple(word, fc.integer({ min: 0, max: 4 }))
  .map(([each, turn]) => Object.fromEntries([...Object.entries(each), ...Object.entries(each)].slice(turn)));
const words = fc.array(fc.oneof({ weight: 30, arbitrary: shuffled }, { weight: 1, arbitrary: otherValue }), {
  maxLength: 8,
});

const WORD = '{"bbox":{"left":1,"top":2,"width":3,"height":4},"text":"Wort","confidence":0.5}';

describe("words that are read from bytes", () => {
  it(`are what JSON.parse and the checks make of them, or left to these (seed ${SEED})`, () => {
    let isRead = 0;
    fc.assert(
      fc.property(words, fc.constantFrom(undefined, 1), (given, indent) => {
        const json = JSON.stringify(given, null, indent);
        const found = read(json);
        expect(found).not.toBe("incomplete");
        if (typeof found === "string") return;
        isRead += 1;
        expect(Buffer.from(found.bytes).toString()).toBe(json);
        expect(unpackWords(found.words)).toEqual(plain(readAsObjects(json)));
      }),
      { seed: SEED, numRuns: 1_000 },
    );
    expect(isRead).toBeGreaterThan(500);
  });

  it(`are never read from what is no JSON, or refused (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const sound = fc.sample(fc.array(word, { minLength: 4, maxLength: 8 }), { seed: SEED, numRuns: 50 });
    const counts = { read: 0, left: 0 };
    for (let turn = 0; turn < 3_000; turn++) {
      const found = read(mutateBytes(JSON.stringify(sound[random.below(sound.length)]), random));
      counts[typeof found === "string" ? "left" : "read"] += 1;
      if (typeof found !== "string")
        expect(unpackWords(found.words)).toEqual(plain(readAsObjects(found.bytes)));
    }
    expect(Math.min(counts.read, counts.left)).toBeGreaterThan(100);
  });

  it("may be cut anywhere", () => {
    const json = `[ ${WORD} , {"text":"Zo\\u00eb 漢","color":{"rgb":[1,2]},"bbox":{"top":0,"left":1.25,"width":3e0,"height":46.800000000000004},"confidence":null} ]`;
    const bytes = Buffer.from(json);
    for (let length = 1; length < bytes.length; length++)
      expect(read(bytes.subarray(0, length), "")).toBe("incomplete");
    expect(read(bytes)).toMatchObject({ words: packWords(readAsObjects(bytes) ?? []) });
  });

  it.each([
    ["more words than allowed", `[${Array.from({ length: MOST + 1 }, () => WORD)}]`],
    ["no list", "null"],
    ["a word that is none", `[${WORD},null]`],
    ["a text that is none", '[{"bbox":null,"text":5}]'],
    ["a box without a side", '[{"bbox":{"left":1,"top":2,"width":3},"text":""}]'],
    ["half a character", `[${WORD.replace("Wort", "\\ud83d")}]`],
    ["a number that is none in JSON", `[${WORD.replace(":1,", ":01,")}]`],
    ["a number that ends in a point", `[${WORD.replace(":1,", ":1.,")}]`],
    ["a comma too many", `[${WORD},]`],
    ["a comma too few", `[${WORD}${WORD}]`],
    ["a line end within a text", `[${WORD.replace("Wort", "W\nt")}]`],
    ["an escape that is none", `[${WORD.replace("Wort", "\\x")}]`],
    ["a key without a value", `[{"link",${WORD.slice(1)}]`],
    ["a value that is none", `[{"link":nul,${WORD.slice(1)}]`],
    ["a deep value", `[{"link":[[[[[]]]]],${WORD.slice(1)}]`],
  ])("are left to JSON.parse: %s", (_, json) => {
    expect(read(json)).toBe("unreadable");
  });

  it.each(["text", "bbox", "confidence"])("have the last of two values, null too (%s)", (key) => {
    const twice = WORD.replace(/\}$/, `,"${key}":null}`);
    for (const list of [
      [twice, twice, twice],
      [WORD, twice, WORD, twice],
      [twice, WORD, WORD, twice, twice],
    ])
      expect(read(`[${list}]`)).toMatchObject({ words: packWords(readAsObjects(`[${list}]`) ?? []) });
  });

  it(`may be printed in any way that changes from word to word (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const ways = fc.sample(fc.array(shuffled, { minLength: 1, maxLength: 3 }), { seed: SEED, numRuns: 300 });
    for (const kinds of ways) {
      const list = Array.from({ length: 12 }, () => JSON.stringify(kinds[random.below(kinds.length)]));
      const found = read(`[${list}]`);
      if (typeof found !== "string")
        expect(unpackWords(found.words)).toEqual(plain(readAsObjects(`[${list}]`)));
    }
  });

  it("without a text or a place on the page are left out, as they mark nothing", () => {
    const off = WORD.replace('"width":3', '"width":-3');
    const found = read(`[${off},${WORD},{},{"text":"x"},{"text":null,"bbox":null}]`);
    expect(found).toMatchObject({ words: packWords(readAsObjects(`[${WORD}]`) ?? []) });
  });

  it(`have the very numbers that JSON.parse makes (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const digits = (most: number) => String(Math.floor(random.next() * 10 ** (1 + random.below(most))));
    for (let turn = 0; turn < 5_000; turn++) {
      const printed = `${random.chance(0.2) ? "-" : ""}${digits(6)}${random.chance(0.9) ? `.${digits(17)}` : ""}`;
      const found = read(`[${WORD.replace("0.5", printed)}]`);
      expect(found).not.toBeTypeOf("string");
      if (typeof found !== "string")
        expect(unpackWords(found.words)[0]?.confidence).toBe(JSON.parse(printed));
    }
  });
});
