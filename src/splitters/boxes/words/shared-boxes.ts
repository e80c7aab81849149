import { WORD_NUMBERS } from "../../../documents/packed-words.js";
import { hasExtentAt, heightAt, leftAt, removeBox, setBox, topAt, widthAt } from "./box-numbers.js";

/** Boxes whose edges differ by no more pixels are the same. */
const SAME = 0.5;

/** The widest and narrowest letter of a line, as shares of its height. */
const WIDEST = 1.4;
const NARROWEST = 0.2;

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;

const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= SAME;

const isSame = (numbers: Float64Array, one: number, other: number): boolean =>
  isNear(leftAt(numbers, one), leftAt(numbers, other)) &&
  isNear(topAt(numbers, one), topAt(numbers, other)) &&
  isNear(widthAt(numbers, one), widthAt(numbers, other)) &&
  isNear(heightAt(numbers, one), heightAt(numbers, other)) &&
  hasExtentAt(numbers, other);

/** The words whose boxes an engine gave as one: from `first` up to and without `end`. */
export interface SharedLine {
  first: number;
  end: number;
}

/** Gives each word of a line the share of its letters; a box that is too large for one line is none of its words. */
const divide = (numbers: Float64Array, text: string, { first, end }: SharedLine): boolean => {
  const endOf = (word: number): number => (word < 0 ? 0 : (numbers[word * WORD_NUMBERS + 5] ?? 0));
  const [left, top] = [leftAt(numbers, first * WORD_NUMBERS), topAt(numbers, first * WORD_NUMBERS)];
  const [width, height] = [widthAt(numbers, first * WORD_NUMBERS), heightAt(numbers, first * WORD_NUMBERS)];
  const words = text.slice(endOf(first - 1), endOf(end - 1));
  const letters = words.length + end - first - 1;
  const average = width / letters / height;
  const isLine = average >= NARROWEST && average <= WIDEST;
  const isReversed = RIGHT_TO_LEFT.test(words);
  let passed = 0;
  for (let word = first; word < end; word++) {
    const at = word * WORD_NUMBERS;
    const own = endOf(word) - endOf(word - 1);
    const from = isReversed ? letters - passed - own : passed;
    if (isLine) setBox(numbers, at, left + (width * from) / letters, top, (width * own) / letters, height);
    else removeBox(numbers, at);
    passed += own + 1;
  }
  return isLine;
};

/**
 * Divides the boxes that several words in a row share, because an engine gave each of them the box of its line: each
 * word gets the share of its letters. A shared box that is too large for one line says nothing of where its words are,
 * and is removed.
 *
 * @param numbers those of packed words, which are changed
 * @param text of all words
 * @returns the lines that were divided
 */
export const divideShared = (numbers: Float64Array, text: string): SharedLine[] => {
  const divided: SharedLine[] = [];
  const count = numbers.length / WORD_NUMBERS;
  for (let first = 0; first < count; ) {
    const at = first * WORD_NUMBERS;
    let end = first + 1;
    if (hasExtentAt(numbers, at)) while (end < count && isSame(numbers, at, end * WORD_NUMBERS)) end += 1;
    const line = { first, end };
    if (end > first + 1 && divide(numbers, text, line)) divided.push(line);
    first = end;
  }
  return divided;
};

/** The share of steps from word to word that may be out of order, as a step to the next column is. */
const MAX_DISORDER = 1 / 4;

/** With fewer steps nothing is said of their order. */
const LEAST_STEPS = 4;

/**
 * Tells whether boxes follow each other as words do: along a line, then down. Boxes that overlap, or go up and down and
 * left and right, are not those of their words.
 *
 * @param numbers those of packed words
 */
export const areInOrder = (numbers: Float64Array): boolean => {
  let [steps, bad, toLeft, toRight] = [-1, 0, 0, 0];
  let [left, top, width, height] = [0, 0, 0, 0];
  for (let at = 0; at < numbers.length; at += WORD_NUMBERS) {
    if (!hasExtentAt(numbers, at)) continue;
    steps += 1;
    const [nextLeft, nextTop] = [leftAt(numbers, at), topAt(numbers, at)];
    const [nextWidth, nextHeight] = [widthAt(numbers, at), heightAt(numbers, at)];
    if (steps > 0) {
      const down = Math.min(top + height, nextTop + nextHeight) - Math.max(top, nextTop);
      const across = Math.min(left + width, nextLeft + nextWidth) - Math.max(left, nextLeft);
      if (down < Math.min(height, nextHeight) / 2) bad += nextTop < top ? 1 : 0;
      else if (across > Math.min(width, nextWidth) / 2) bad += 1;
      else if (nextLeft < left) toLeft += 1;
      else toRight += 1;
    }
    [left, top, width, height] = [nextLeft, nextTop, nextWidth, nextHeight];
  }
  return steps < LEAST_STEPS || bad + Math.min(toLeft, toRight) <= steps * MAX_DISORDER;
};
