import type { BBox, PackedWords, Word } from "./segment.js";

/** How many numbers a word has: four of its box, its confidence, and where its text ends. */
export const WORD_NUMBERS = 6;

export const isPackedWords = (value: unknown): value is PackedWords =>
  typeof value === "object" &&
  value !== null &&
  "text" in value &&
  typeof value.text === "string" &&
  "numbers" in value &&
  value.numbers instanceof Float64Array;

/** No words at all. */
export const NO_WORDS: PackedWords = { text: "", numbers: new Float64Array() };

/** Words in either form: as the service writes them, or packed. */
interface WordForms {
  ocr?: readonly Word[] | null | undefined;
  packed_ocr?: PackedWords | undefined;
}

/** Counts words in either form. */
export const countWords = ({ ocr, packed_ocr }: WordForms): number =>
  ocr?.length ?? (packed_ocr ? packed_ocr.numbers.length / WORD_NUMBERS : 0);

const isWord = (entry: unknown): entry is Partial<Word> & Pick<Word, "text"> =>
  typeof entry === "object" && entry !== null && "text" in entry && typeof entry.text === "string";

const asNumber = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/**
 * Packs words. A word whose box is missing or holds no numbers has no place (`NaN`); an entry without a text is left
 * out.
 */
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

/** Packs words in either form, for code that works on packed words only. */
export const packedOf = ({ ocr, packed_ocr }: WordForms): PackedWords =>
  packed_ocr ?? (ocr ? packWords(ocr) : NO_WORDS);

/** Reads the box that is in four numbers from `at` on. */
export const boxAt = (numbers: Float64Array, at: number): BBox => ({
  left: numbers[at] ?? Number.NaN,
  top: numbers[at + 1] ?? Number.NaN,
  width: numbers[at + 2] ?? Number.NaN,
  height: numbers[at + 3] ?? Number.NaN,
});

/** Reads the boxes of the words, each as an object of its own. */
export const boxesOf = ({ numbers }: PackedWords): BBox[] => {
  const boxes: BBox[] = [];
  for (let at = 0; at < numbers.length; at += WORD_NUMBERS) boxes.push(boxAt(numbers, at));
  return boxes;
};

/** Reads the confidence of a word; `NaN` where none is known. */
export const confidenceAt = (numbers: Float64Array, word: number): number =>
  numbers[word * WORD_NUMBERS + 4] ?? Number.NaN;

/** Reads the text of a word. */
export const textAt = ({ text, numbers }: PackedWords, word: number): string => {
  const end = word * WORD_NUMBERS + 5;
  return text.slice(word === 0 ? 0 : numbers[end - WORD_NUMBERS], numbers[end]);
};

/** Unpacks words into objects; a confidence that was not given is `null`. */
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
