import { WORD_NUMBERS } from "../../documents/packed-words.js";

/**
 * Puts the numbers of words one kind after the other: first all that are left edges, then all that are top edges, and so
 * on. Numbers of a kind are alike, so that this halves the time and the size of their compression.
 */
export const toColumns = (lists: readonly Float64Array[]): Float64Array => {
  const columns = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  const words = columns.length / WORD_NUMBERS;
  let word = 0;
  for (const numbers of lists)
    for (let at = 0; at < numbers.length; at += WORD_NUMBERS, word++)
      for (let kind = 0; kind < WORD_NUMBERS; kind++)
        columns[kind * words + word] = numbers[at + kind] ?? Number.NaN;
  return columns;
};

/** Returns the numbers of some words as one list, word after word. @param from the first word */
export const fromColumns = (columns: Float64Array, from: number, count: number): Float64Array => {
  const numbers = new Float64Array(count * WORD_NUMBERS);
  const words = columns.length / WORD_NUMBERS;
  for (let word = 0; word < count; word++)
    for (let kind = 0; kind < WORD_NUMBERS; kind++)
      numbers[word * WORD_NUMBERS + kind] = columns[kind * words + from + word] ?? Number.NaN;
  return numbers;
};
