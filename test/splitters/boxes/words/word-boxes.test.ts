import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unionBox } from "../../../../src/documents/bbox.js";
import { packWords } from "../../../../src/documents/packed-words.js";
import type { BBox } from "../../../../src/documents/segment.js";
import { WordBoxes } from "../../../../src/splitters/boxes/words/word-boxes.js";
import { SEED } from "../../../support/splitters/segments.js";

const box = (left: number, top: number, width = 40, height = 20): BBox => ({ left, top, width, height });

const allOf = (boxes: WordBoxes): (BBox | null)[] =>
  Array.from({ length: boxes.count }, (_, word) => boxes.at(word));

const boxesOf = (boxes: readonly BBox[], bbox: BBox | null): (BBox | null)[] =>
  allOf(
    new WordBoxes(packWords(boxes.map((each) => ({ text: "w", bbox: each }))), {
      bbox,
      segment_type: "Text",
    }),
  );

/** Draws lines around words, whose boxes are relative to the corner of their segment as they should be. */
const linesOf = (boxes: readonly BBox[]): BBox[] => {
  const { left, top, width, height } = unionBox(boxes) ?? box(0, 0);
  const words = boxes.map((each) => ({
    text: "w",
    bbox: { ...each, left: each.left - left, top: each.top - top },
  }));
  const placed = new WordBoxes(packWords(words), {
    bbox: { left, top, width, height },
    segment_type: "Picture",
  });
  return placed.linesOf(boxes.map((_, word) => word));
};

const SEGMENT = box(300, 500, 200, 60);

describe("boxes of words", () => {
  it("are moved from the segment's corner to the page", () => {
    expect(boxesOf([box(0, 0), box(50, 30)], SEGMENT)).toEqual([box(300, 500), box(350, 530)]);
  });

  it("are cut off where they extend beyond a segment with a tight box, and left out if most is outside", () => {
    expect(boxesOf([box(-5, -4), box(170, 45, 40, 22), box(90, 55)], SEGMENT)).toEqual([
      box(299, 499, 36, 17),
      box(470, 545, 31, 16),
      null,
    ]);
  });

  const lines = [0, 30, 60].flatMap((top) => [0, 60, 120, 180].map((left) => box(left, top)));
  const placed = lines.map((each) => box(300 + each.left, 500 + each.top));
  const AROUND = box(300, 500, 220, 80);
  const changed = (scale: number, left = 0, top = 0): BBox[] =>
    lines.map((each) =>
      box(each.left * scale + left, each.top * scale + top, each.width * scale, each.height * scale),
    );
  const rounded = (boxes: readonly (BBox | null)[]) =>
    boxes.map(
      (each) =>
        each && {
          left: Math.round(each.left),
          top: Math.round(each.top),
          width: Math.round(each.width),
          height: Math.round(each.height),
        },
    );

  it.each([
    ["as they should be", changed(1)],
    ["of the page", changed(1, 300, 500)],
    ["moved to the left and down", changed(1, -70, 90)],
  ])("are corrected if they are %s", (_, given) => {
    expect(rounded(boxesOf(given, AROUND))).toEqual(placed);
  });

  it("are none if they are not those of their words", () => {
    const none = lines.map(() => null);
    for (const given of [changed(0.36), changed(2.5), changed(1.5, 450, 750)])
      expect(boxesOf(given, AROUND)).toEqual(none);
    const [all, other] = [box(0, 0, 220, 80), [7, 2, 9, 0, 11, 4, 1, 8, 3, 10, 5, 6]];
    expect(
      boxesOf(
        lines.map(() => all),
        AROUND,
      ),
    ).toEqual(none);
    expect(
      boxesOf(
        other.flatMap((index) => lines[index] ?? []),
        AROUND,
      ),
    ).toEqual(none);
    expect(
      boxesOf(
        lines.map((_, index) => box(index * 5, index * 2, 150, 60)),
        AROUND,
      ),
    ).toEqual(none);
  });

  it("divide the box of a line among its words by their letters, in the direction of their script", () => {
    const shared = (texts: readonly string[]): WordBoxes =>
      new WordBoxes(packWords(texts.map((text) => ({ text, bbox: box(0, 0, 100) }))), {
        bbox: box(300, 500, 100, 20),
        segment_type: "Text",
      });
    expect(allOf(shared(["four", "fives"]))).toEqual([box(300, 500, 40), box(350, 500, 50)]);
    expect(allOf(shared(["ארבע", "חמשהה"]))).toEqual([box(360, 500, 40), box(300, 500, 50)]);
  });

  it("are estimates where words are a part of a line that was divided", () => {
    const texts = ["four", "fives", "six"];
    const words = texts.map((text, index) => ({ text, bbox: index < 2 ? box(0, 0, 100) : box(0, 30) }));
    const boxes = new WordBoxes(packWords(words), {
      bbox: box(300, 500, 100, 50),
      segment_type: "Text",
    });
    expect([[0], [1, 2]].map((some) => boxes.areEstimated(some))).toEqual([true, true]);
    expect([[0, 1], [2], [0, 1, 2]].map((some) => boxes.areEstimated(some))).toEqual([false, false, false]);
  });

  it("are read as page coordinates only when all of them lie in the segment that way, and not the other way", () => {
    expect(boxesOf([box(300, 500), box(350, 530)], SEGMENT)).toEqual([box(300, 500), box(350, 530)]);
    expect(boxesOf([box(300, 500), box(50, 30)], SEGMENT)).toEqual([null, box(350, 530)]);
    // Near the page's corner both readings are possible, and the documented one counts.
    expect(boxesOf([box(10, 10), box(50, 30)], box(10, 10, 200, 60))).toEqual([box(20, 20), box(60, 40)]);
  });

  it("are none for words without a size, and in a segment without a box", () => {
    const odd = [box(0, 0, 0, 20), box(0, 0, 40, 0), box(0, 0, -3, 20), box(Number.NaN, 0)];
    expect(boxesOf([...odd, box(0, 0)], SEGMENT)).toEqual([null, null, null, null, box(300, 500)]);
    expect(boxesOf([box(0, 0)], null)).toEqual([null]);
    expect(boxesOf([box(0, 0)], box(300, 500, 0, 0))).toEqual([null]);
  });
});

describe("boxes of lines", () => {
  it("enclose words that stand beside each other", () => {
    expect(linesOf([box(0, 0), box(50, 2), box(100, 0), box(0, 30), box(50, 30)])).toEqual([
      box(0, 0, 140, 22),
      box(0, 30, 90),
    ]);
  });

  it("keep columns apart, also when their lines have the same height on the page", () => {
    expect(linesOf([box(0, 30), box(300, 0), box(300, 30)])).toEqual([box(0, 30), box(300, 0), box(300, 30)]);
    expect(linesOf([box(0, 30), box(300, 30)])).toEqual([box(0, 30), box(300, 30)]);
  });

  it("are the box of the line when every word carries that box", () => {
    const line = box(0, 0, 400);
    expect(linesOf([line, line, line, box(0, 30, 200)])).toEqual([line, box(0, 30, 200)]);
  });

  it(`contain every word and nothing else (seed ${SEED})`, () => {
    const number = fc.integer({ min: 0, max: 600 });
    const size = fc.integer({ min: 1, max: 60 });
    const words = fc.array(
      fc.tuple(number, number, size, size).map(([left, top, width, height]) => box(left, top, width, height)),
      { minLength: 1, maxLength: 40 },
    );
    const holds = (outer: BBox, inner: BBox): boolean =>
      outer.left <= inner.left &&
      outer.top <= inner.top &&
      outer.left + outer.width >= inner.left + inner.width &&
      outer.top + outer.height >= inner.top + inner.height;
    fc.assert(
      fc.property(words, (list) => {
        const lines = linesOf(list);
        for (const word of list) expect(lines.some((line) => holds(line, word))).toBe(true);
        expect(unionBox(lines)).toEqual(unionBox(list));
      }),
      { seed: SEED },
    );
  });
});
