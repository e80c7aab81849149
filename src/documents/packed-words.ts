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

/** @returns `undefined` for words of a form that would be lost */
export const packWords = (words: readonly (Word | null)[]): PackedWords | undefined => {
  const numbers = new Float64Array(words.length * WORD_NUMBERS);
  let text = "";
  let at = 0;
  for (const word of words) {
    if (word === null || !isOrdinary(word)) return undefined;
    const { bbox, confidence } = word;
    text += word.text;
    numbers[at] = bbox.left;
    numbers[at + 1] = bbox.top;
    numbers[at + 2] = bbox.width;
    numbers[at + 3] = bbox.height;
    numbers[at + 4] = confidence ?? Number.NaN;
    numbers[at + 5] = text.length;
    at += WORD_NUMBERS;
  }
  return { text, numbers };
};

const isOrdinary = ({ text, bbox, confidence }: Partial<Word>): boolean =>
  typeof text === "string" &&
  typeof bbox?.left === "number" &&
  typeof bbox.top === "number" &&
  typeof bbox.width === "number" &&
  typeof bbox.height === "number" &&
  (confidence == null || typeof confidence === "number");

const isWord = (entry: unknown): entry is Partial<Word> =>
  typeof entry === "object" && entry !== null && "text" in entry && typeof entry.text === "string";

const asNumber = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

const areOrdinary = (entries: unknown[]): entries is Word[] => {
  // Unlike `every`, this visits the holes of a list too.
  for (const entry of entries) if (!isWord(entry) || !isOrdinary(entry)) return false;
  return true;
};

/**
 * The entries that are words, in a form that can be packed. A word whose box is missing or not of numbers stands
 * nowhere; an entry without a text is no word.
 */
export const ordinaryWords = (entries: unknown[]): Word[] => {
  if (areOrdinary(entries)) return entries;
  const words: Word[] = [];
  for (const entry of entries) {
    if (!isWord(entry)) continue;
    const { text = "", bbox, confidence } = entry;
    const { left, top, width, height }: Partial<BBox> = bbox ?? {};
    words.push({
      text,
      bbox: {
        left: asNumber(left),
        top: asNumber(top),
        width: asNumber(width),
        height: asNumber(height),
      },
      confidence: typeof confidence === "number" ? confidence : null,
    });
  }
  return words;
};

/** The words as objects; a confidence that was not given is `null`. */
export const unpackWords = ({ text, numbers }: PackedWords): Word[] => {
  const words: Word[] = [];
  let from = 0;
  for (let at = 0; at < numbers.length; at += WORD_NUMBERS) {
    const number = (offset: number): number => numbers[at + offset] ?? Number.NaN;
    const bbox = { left: number(0), top: number(1), width: number(2), height: number(3) };
    const confidence = Number.isNaN(number(4)) ? null : number(4);
    const to = number(5);
    words.push({ text: text.slice(from, to), bbox, confidence });
    from = to;
  }
  return words;
};
