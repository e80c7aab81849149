/** A value of a PDF file, as far as the tree of pages needs it; of texts and streams only that they are there. */
export type PdfValue = number | string | null | PdfReference | PdfValue[] | PdfDictionary;

export type PdfDictionary = Map<string, PdfValue>;

/** Names another object, by its number. */
export class PdfReference {
  readonly object: number;

  constructor(object: number) {
    this.object = object;
  }
}

/** The text ended within a value: with more of it, the value can be read. */
export class UnexpectedEnd extends Error {}

/** What is read is no PDF, or one whose parts do not fit together. */
export class BrokenPdf extends Error {}

const SPACE = /(?:[\0\t\n\f\r ]+|%[^\r\n]*)*/y;
const REFERENCE = /(\d{1,10})[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+R(?![A-Za-z])/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)/y;
const NAME = /\/([^\0\t\n\f\r ()<>[\]{}/%]*)/y;
const WORD = /[A-Za-z]+/y;
const HEX = /<[\0-9A-Fa-f\t\n\f\r ]*>/y;

/** Values nest no deeper than this; the file decides how deep its own do. */
const MAX_DEPTH = 64;

/** Reads the values of a text in which each character is one byte. */
export class PdfReader {
  readonly #text: string;
  position: number;

  constructor(text: string, position = 0) {
    this.#text = text;
    this.position = position;
  }

  /** Takes what a sticky pattern matches here, spaces and comments before it included. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    SPACE.lastIndex = this.position;
    SPACE.exec(this.#text);
    pattern.lastIndex = SPACE.lastIndex;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.position = pattern.lastIndex;
    return found;
  }

  /** @throws UnexpectedEnd, BrokenPdf */
  readValue(depth = 0): PdfValue {
    if (depth > MAX_DEPTH) throw new BrokenPdf("nested too deep");
    if (this.take(/<</y)) return this.#readDictionary(depth);
    if (this.take(/\[/y)) return this.#readArray(depth);
    const reference = this.take(REFERENCE);
    if (reference) return new PdfReference(Number(reference[1]));
    const number = this.take(NUMBER);
    if (number) return Number(number[0]);
    const name = this.take(NAME);
    if (name) return name[1] ?? "";
    if (this.take(HEX) || this.take(WORD)) return null;
    if (this.take(/\(/y)) return this.#skipText();
    throw this.#problem();
  }

  #readDictionary(depth: number): PdfDictionary {
    const dictionary: PdfDictionary = new Map();
    while (!this.take(/>>/y)) {
      const key = this.take(NAME);
      if (!key) throw this.#problem();
      dictionary.set(key[1] ?? "", this.readValue(depth + 1));
    }
    return dictionary;
  }

  #readArray(depth: number): PdfValue[] {
    const values: PdfValue[] = [];
    while (!this.take(/\]/y)) values.push(this.readValue(depth + 1));
    return values;
  }

  #skipText(): null {
    for (let open = 1; open > 0; this.position += 1) {
      const character = this.#text[this.position];
      if (character === undefined) throw new UnexpectedEnd();
      if (character === "\\") this.position += 1;
      else if (character === "(") open += 1;
      else if (character === ")") open -= 1;
    }
    return null;
  }

  #problem(): Error {
    return this.#text.length - this.position < 64 ? new UnexpectedEnd() : new BrokenPdf("no value");
  }
}
