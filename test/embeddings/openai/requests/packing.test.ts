import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestLoad, weighTexts } from "../../../../src/embeddings/openai/requests/packing.js";
import { countTokens } from "../../../../src/internal/text/tokens.js";

const OPENAI = { maxInputs: 2048, maxRequestTokens: 300_000, maxInputTokens: 8192 };

/** Packs the texts into as many requests as necessary. */
const packTexts = (
  texts: string[],
  { maxInputTokens, ...limits }: typeof OPENAI,
  count: typeof countTokens,
): string[][] => {
  const loads: RequestLoad[] = [];
  for (const text of weighTexts(texts, maxInputTokens, count)) {
    if (loads.at(-1)?.add(text)) continue;
    const load = new RequestLoad(limits);
    load.add(text);
    loads.push(load);
  }
  return loads.map((load) => load.texts);
};

const sizes = (texts: string[], limits: Partial<typeof OPENAI> = {}, count = countTokens) =>
  packTexts(texts, { ...OPENAI, ...limits }, count).map((batch) => batch.length);
/** Counts tokens of texts that contain their own count. */
const stated = (text: string) => Number(text.trim());

describe("RequestLoad", () => {
  it("keeps every text: 250 in, 250 out, in order", () => {
    const texts = Array.from({ length: 250 }, (_, index) => `text ${index}`);
    expect(packTexts(texts, { ...OPENAI, maxInputs: 64 }, countTokens).flat()).toEqual(texts);
    expect(sizes(texts, { maxInputs: 64 })).toEqual([64, 64, 64, 58]);
  });

  it.each([
    [2047, [2047]],
    [2048, [2048]],
    [2049, [2048, 1]],
  ])("puts %i texts into requests of %j", (count, expected) => {
    expect(sizes(Array.from({ length: count }, () => "a"))).toEqual(expected);
  });

  it.each([
    ["one below", ["60", "39"], [2]],
    ["at", ["60", "40"], [2]],
    ["one above", ["60", "41"], [1, 1]],
  ])("fills a request %s the limit by tokens", (_name, texts, expected) => {
    const padded = texts.map((text) => text.padEnd(100));
    expect(sizes(padded, { maxRequestTokens: 100, maxInputTokens: 80 }, stated)).toEqual(expected);
  });

  it.each([
    ["one below", 196, [2]],
    ["at", 200, [2]],
    ["one above", 204, [1, 1]],
  ])("fills a request %s the limit by the quarter token per byte", (_name, bytes, expected) => {
    const texts = ["1".padEnd(200), "1".padEnd(bytes)];
    expect(sizes(texts, { maxRequestTokens: 100 }, stated)).toEqual(expected);
  });

  it("uses the larger of both counts for each text, and stays within the limit by either", () => {
    const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: "grapheme", maxLength: 200 }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 200, max: 900 }), (texts, most) => {
        const requests = packTexts(
          texts,
          { maxInputs: 7, maxRequestTokens: most, maxInputTokens: 5000 },
          countTokens,
        );
        expect(requests.flat()).toEqual(texts);
        for (const request of requests) {
          expect(request.length).toBeLessThanOrEqual(7);
          if (request.length === 1) continue;
          expect(request.reduce((sum, item) => sum + countTokens(item), 0)).toBeLessThanOrEqual(most);
          expect(Buffer.byteLength(request.join("")) / 4).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it("counts no tokens when the bytes already fit", () => {
    let counted = 0;
    const count = (text: string) => {
      counted++;
      return countTokens(text);
    };
    expect(sizes(["a".repeat(8192), "b"], {}, count)).toEqual([2]);
    expect(counted).toBe(0);
  });

  it.each([
    [8191, true],
    [8192, true],
    [8193, false],
  ])("judges a text of %i tokens by the limit of the model", (tokens, accepted) => {
    const text = " word".repeat(tokens);
    expect(countTokens(text)).toBe(tokens);
    if (accepted) {
      expect(sizes([text])).toEqual([1]);
      return;
    }
    expect(() => sizes(["short", text])).toThrow(
      expect.objectContaining({
        code: "INPUT_TOO_LONG",
        message: expect.stringMatching(
          /^text 2 of 2 \(" word word.{50,60}…"\) has 8193 tokens .* accepts 8192/,
        ),
      }),
    );
  });
});
