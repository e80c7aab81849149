import { WORD_NUMBERS } from "../../documents/packed-words.js";
import type { BBox, PackedWords } from "../../documents/segment.js";

/** Boxes whose edges differ by no more pixels are the same. */
const SAME = 0.5;

/** The widest and narrowest letter of a line, as shares of its height. */
const WIDEST = 1.4;
const NARROWEST = 0.2;

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;

const isSame = (one: BBox, other: BBox | null | undefined): boolean =>
  other != null &&
  Math.abs(one.left - other.left) <= SAME &&
  Math.abs(one.top - other.top) <= SAME &&
  Math.abs(one.width - other.width) <= SAME &&
  Math.abs(one.height - other.height) <= SAME;

/**
 * Divides the boxes that several words in a row share, because an engine gave each of them the box of its line: each
 * word gets the share of its letters. A shared box that is too large for one line says nothing of where its words are.
 *
 * @returns a box for each word; `null` where none is known
 */
export const divideShared = (boxes: (BBox | null)[], { text, numbers }: PackedWords): (BBox | null)[] => {
  const endOf = (word: number): number => (word < 0 ? 0 : (numbers[word * WORD_NUMBERS + 5] ?? 0));
  for (let first = 0; first < boxes.length; ) {
    const box = boxes[first] ?? null;
    let next = first + 1;
    while (box && isSame(box, boxes[next])) next += 1;
    if (box && next > first + 1) {
      const words = text.slice(endOf(first - 1), endOf(next - 1));
      const letters = words.length + next - first - 1;
      const average = box.width / letters / box.height;
      const isLine = average >= NARROWEST && average <= WIDEST;
      const isReversed = RIGHT_TO_LEFT.test(words);
      let passed = 0;
      for (let word = first; word < next; word++) {
        const own = endOf(word) - endOf(word - 1);
        const from = isReversed ? letters - passed - own : passed;
        boxes[word] = isLine
          ? { ...box, left: box.left + (box.width * from) / letters, width: (box.width * own) / letters }
          : null;
        passed += own + 1;
      }
    }
    first = next;
  }
  return boxes;
};

/** The share of steps from word to word that may be out of order, as a step to the next column is. */
const MAX_DISORDER = 1 / 4;

/** With fewer steps nothing is said of their order. */
const LEAST_STEPS = 4;

/**
 * Tells whether boxes follow each other as words do: along a line, then down. Boxes that overlap, or go up and down and
 * left and right, are not those of their words.
 */
export const areInOrder = (boxes: readonly (BBox | null)[]): boolean => {
  let [steps, bad, toLeft, toRight] = [0, 0, 0, 0];
  let before: BBox | undefined;
  for (const box of boxes) {
    if (!box) continue;
    if (before) {
      steps += 1;
      const down = Math.min(before.top + before.height, box.top + box.height) - Math.max(before.top, box.top);
      const across =
        Math.min(before.left + before.width, box.left + box.width) - Math.max(before.left, box.left);
      if (down < Math.min(before.height, box.height) / 2) bad += box.top < before.top ? 1 : 0;
      else if (across > Math.min(before.width, box.width) / 2) bad += 1;
      else if (box.left < before.left) toLeft += 1;
      else toRight += 1;
    }
    before = box;
  }
  return steps < LEAST_STEPS || bad + Math.min(toLeft, toRight) <= steps * MAX_DISORDER;
};
