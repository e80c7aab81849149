import type { BBox } from "../../../documents/segment.js";

// Boxes in the layout of packed words: that of a word is in four numbers of the list, from `at` on. Lists of numbers
// take a fraction of the time and memory of an object for each of the thousand words of a page.

export const leftAt = (numbers: Float64Array, at: number): number => numbers[at] ?? Number.NaN;
export const topAt = (numbers: Float64Array, at: number): number => numbers[at + 1] ?? Number.NaN;
export const widthAt = (numbers: Float64Array, at: number): number => numbers[at + 2] ?? Number.NaN;
export const heightAt = (numbers: Float64Array, at: number): number => numbers[at + 3] ?? Number.NaN;

const isLength = (value: number): boolean => value > 0 && value < Number.POSITIVE_INFINITY;

/** Tells whether there is a box: one whose numbers are all known, with an extent. */
export const hasExtentAt = (numbers: Float64Array, at: number): boolean =>
  isLength(widthAt(numbers, at)) &&
  isLength(heightAt(numbers, at)) &&
  Number.isFinite(leftAt(numbers, at)) &&
  Number.isFinite(topAt(numbers, at));

export const hasExtent = (box: BBox | null): box is BBox =>
  box !== null &&
  isLength(box.width) &&
  isLength(box.height) &&
  Number.isFinite(box.left) &&
  Number.isFinite(box.top);

export const setBox = (
  numbers: Float64Array,
  at: number,
  left: number,
  top: number,
  width: number,
  height: number,
): void => {
  numbers[at] = left;
  numbers[at + 1] = top;
  numbers[at + 2] = width;
  numbers[at + 3] = height;
};

/** Removes a box, so that it has no extent. */
export const removeBox = (numbers: Float64Array, at: number): void => {
  numbers[at + 2] = 0;
};
