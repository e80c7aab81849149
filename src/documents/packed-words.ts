import type { BBox, PackedWords, Word } from "./segment.js";

/** Numbers of a word: the four of its box, its confidence, and where its text ends. */
export const WORD_NUMBERS = 6;

export const isPackedWords = (value: unknown): value is PackedWords =>
  typeof value === "object" &&
  value !== null &&
  "text" in value &&
  typeof value.text === "string" &&
  "numbers" in value &&
  value.numbers instanceof Float64Array;

/** What has words in either form. */
interface HasWords {
  ocr?: readonly Word[] | null | undefined;
  packed_ocr?: PackedWords | undefined;
}

export const countWords = ({ ocr, packed_ocr }: HasWords): number =>
  ocr?.length ?? (packed_ocr ? packed_ocr.numbers.length / WORD_NUMBERS : 0);

/** The words as objects, whatever form they came in. */
export const wordsOf = ({ ocr, packed_ocr }: HasWords): readonly Word[] =>
  ocr ?? (packed_ocr ? unpackWords(packed_ocr) : []);

const isWord = (entry: unknown): entry is Partial<Word> & Pick<Word, "text"> =>
  typeof entry === "object" && entry !== null && "text" in entry && typeof entry.text === "string";

const asNumber = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** Packs words. One whose box is missing or not of numbers stands nowhere; an entry without a text is no word. */
export const packWords = (entries: readonly unknown[]): PackedWords => {
  const numbers = new Float64Array(entries.length * WORD_NUMBERS);
  let text = "";
  let at = 0;
  for (const entry of entries) {
    if (!isWord(entry)) continue;
    const { bbox, confidence } = entry;
    text += entry.text;
    numbers[at] = asNumber(bbox?.left);
    numbers[at + 1] = asNumber(bbox?.top);
    numbers[at + 2] = asNumber(bbox?.width);
    numbers[at + 3] = asNumber(bbox?.height);
    numbers[at + 4] = asNumber(confidence);
    numbers[at + 5] = text.length;
    at += WORD_NUMBERS;
  }
  return { text, numbers: at < numbers.length ? numbers.slice(0, at) : numbers };
};

/** The words as numbers, whatever form they came in. */
export const packedOf = ({ ocr, packed_ocr }: HasWords): PackedWords => packed_ocr ?? packWords(ocr ?? []);

const boxAt = (numbers: Float64Array, at: number): BBox => ({
  left: numbers[at] ?? Number.NaN,
  top: numbers[at + 1] ?? Number.NaN,
  width: numbers[at + 2] ?? Number.NaN,
  height: numbers[at + 3] ?? Number.NaN,
});

/** The boxes of the words, each an object of its own. */
export const boxesOf = ({ numbers }: PackedWords): BBox[] => {
  const boxes: BBox[] = [];
  for (let at = 0; at < numbers.length; at += WORD_NUMBERS) boxes.push(boxAt(numbers, at));
  return boxes;
};

/** How sure recognition was of some of the words; not a number where that is not known. */
export const confidencesOf = ({ numbers }: PackedWords, words: readonly number[]): Float64Array => {
  const confidences = new Float64Array(words.length);
  for (let index = 0; index < words.length; index++)
    confidences[index] = numbers[(words[index] ?? 0) * WORD_NUMBERS + 4] ?? Number.NaN;
  return confidences;
};

/** The words as objects; a confidence that was not given is `null`. */
export const unpackWords = ({ text, numbers }: PackedWords): Word[] => {
  const words: Word[] = [];
  let from = 0;
  for (let at = 0; at < numbers.length; at += WORD_NUMBERS) {
    const confidence = numbers[at + 4] ?? Number.NaN;
    const to = numbers[at + 5] ?? from;
    words.push({
      text: text.slice(from, to),
      bbox: boxAt(numbers, at),
      confidence: Number.isNaN(confidence) ? null : confidence,
    });
    from = to;
  }
  return words;
};
