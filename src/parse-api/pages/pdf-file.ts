import { constants, inflateSync } from "node:zlib";
import type { ByteSource } from "./byte-source.js";
import {
  BrokenPdf,
  type PdfDictionary,
  PdfReader,
  PdfReference,
  type PdfValue,
  UnexpectedEnd,
} from "./pdf-values.js";

/** What is read of an object first; dictionaries are longer only where a page tree is flat. */
const FIRST_BYTES = 4 * 1024;

/** The longest dictionary and the largest stream, before and after decompression, that are read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Where an object is: in the file, or in a stream of objects. */
type Entry = { offset: number } | { stream: number };

/** A part of the cross-reference table. */
interface Section {
  find(object: number): Promise<Entry | undefined>;
}

interface IndirectObject {
  number: number;
  value: PdfValue;
  /** Where its stream begins, if it has one. */
  streamAt: number | undefined;
}

const isDictionary = (value: PdfValue | undefined): value is PdfDictionary => value instanceof Map;

const isWhole = (value: PdfValue | undefined): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0;

/** Undoes the PNG predictors, of which xref streams use that which repeats the row above. */
const undoPredictor = (data: Buffer, columns: number): Buffer => {
  const rows = Math.floor(data.length / (columns + 1));
  const result = Buffer.alloc(rows * columns);
  for (let row = 0; row < rows; row++) {
    const type = data[row * (columns + 1)];
    if (type !== 0 && type !== 1 && type !== 2) throw new BrokenPdf("another predictor");
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const above = row > 0 ? (result[at - columns] ?? 0) : 0;
      const left = column > 0 ? (result[at - 1] ?? 0) : 0;
      result[at] =
        (data[row * (columns + 1) + 1 + column] ?? 0) + (type === 2 ? above : type === 1 ? left : 0);
    }
  }
  return result;
};

/**
 * Reads objects of a PDF file through its cross-reference tables, old and new form, and only the bytes they need.
 * Nothing is repaired: what does not fit together is a {@link BrokenPdf}.
 */
export class PdfFile {
  readonly #bytes: ByteSource;
  readonly #sections: Section[] = [];
  readonly #trailer: PdfDictionary = new Map();
  /** Bytes before the header, which offsets do not count. */
  #shift = 0;

  private constructor(bytes: ByteSource) {
    this.#bytes = bytes;
  }

  static async open(bytes: ByteSource): Promise<PdfFile> {
    const file = new PdfFile(bytes);
    const end = Math.max(0, bytes.size - 2048);
    const start = /^[\s\S]*startxref\s+(\d+)/.exec((await bytes.read(end, 2048)).toString("latin1"));
    if (!start) throw new BrokenPdf("no startxref");
    file.#shift = Math.max(0, (await bytes.read(0, 1024)).indexOf("%PDF-"));
    await file.#readSections(Number(start[1]));
    return file;
  }

  /** Returns a value of the trailer. */
  trailer(key: string): Promise<PdfValue> {
    return this.resolve(this.#trailer.get(key) ?? null);
  }

  /** Follows references to a value. */
  async resolve(value: PdfValue): Promise<PdfValue> {
    let resolved = value;
    for (let steps = 0; resolved instanceof PdfReference; steps++) {
      if (steps > 16) throw new BrokenPdf("references in a circle");
      resolved = await this.#object(resolved.object);
    }
    return resolved;
  }

  /** @throws BrokenPdf where it is no dictionary */
  async dictionary(value: PdfValue): Promise<PdfDictionary> {
    const resolved = await this.resolve(value);
    if (isDictionary(resolved)) return resolved;
    throw new BrokenPdf("expected a dictionary");
  }

  async #object(number: number): Promise<PdfValue> {
    for (const section of this.#sections) {
      const entry = await section.find(number);
      if (!entry) continue;
      if ("stream" in entry) return this.#objectInStream(entry.stream, number);
      const found = await this.#readObject(entry.offset);
      if (found.number !== number) throw new BrokenPdf("another object");
      return found.value;
    }
    return null;
  }

  async #objectInStream(stream: number, number: number): Promise<PdfValue> {
    // Only what is outside of streams can be read without the password.
    if (this.#trailer.has("Encrypt")) throw new BrokenPdf("encrypted");
    for (const section of this.#sections) {
      const entry = await section.find(stream);
      if (!entry || "stream" in entry) continue;
      const { value, streamAt } = await this.#readObject(entry.offset);
      const dictionary = await this.dictionary(value);
      const [first, count] = [dictionary.get("First"), dictionary.get("N")];
      if (!isWhole(first) || !isWhole(count)) break;
      const text = (await this.#streamData(dictionary, streamAt)).toString("latin1");
      const reader = new PdfReader(text);
      for (let index = 0; index < count; index++) {
        const [object, offset] = [reader.readValue(), reader.readValue()];
        if (object === number && isWhole(offset)) return new PdfReader(text, first + offset).readValue();
      }
      break;
    }
    throw new BrokenPdf("no such object in the stream");
  }

  async #readObject(offset: number): Promise<IndirectObject> {
    return this.#reading(offset, (reader, at) => {
      const head = reader.take(/(\d{1,10})\s+\d{1,5}\s+obj/y);
      if (!head) throw new BrokenPdf("no object");
      const value = reader.readValue();
      const isStream = isDictionary(value) && reader.take(/stream\r?\n?/y);
      return { number: Number(head[1]), value, streamAt: isStream ? at + reader.position : undefined };
    });
  }

  /** Reads with a window that grows until what is read is whole. */
  async #reading<T>(offset: number, read: (reader: PdfReader, at: number) => T): Promise<T> {
    const at = offset + this.#shift;
    for (let length = FIRST_BYTES; ; length *= 8) {
      const text = (await this.#bytes.read(at, Math.min(length, MOST_BYTES))).toString("latin1");
      try {
        return read(new PdfReader(text), at);
      } catch (thrown) {
        const isAll = text.length < length || length > MOST_BYTES;
        if (!(thrown instanceof UnexpectedEnd) || isAll) throw thrown;
      }
    }
  }

  async #streamData(dictionary: PdfDictionary, at: number | undefined): Promise<Buffer> {
    const length = await this.resolve(dictionary.get("Length") ?? null);
    if (at === undefined || !isWhole(length) || length > MOST_BYTES) throw new BrokenPdf("no stream");
    const data = await this.#bytes.read(at, length);
    const filters = [(await this.resolve(dictionary.get("Filter") ?? [])) ?? []].flat();
    if (filters.length === 0) return data;
    if (filters.length > 1 || filters[0] !== "FlateDecode") throw new BrokenPdf("another filter");
    const plain = inflateSync(data, { maxOutputLength: MOST_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
    const [parameters] = [await this.resolve(dictionary.get("DecodeParms") ?? null)].flat();
    if (!isDictionary(parameters)) return plain;
    const [predictor, columns] = [parameters.get("Predictor"), parameters.get("Columns") ?? 1];
    if (!isWhole(predictor) || predictor < 2) return plain;
    if (predictor < 10 || !isWhole(columns) || columns < 1) throw new BrokenPdf("another predictor");
    return undoPredictor(plain, columns);
  }

  /** Reads the newest section and those before it. */
  async #readSections(start: number): Promise<void> {
    const seen = new Set<number>();
    const open = [start];
    for (let offset = open.shift(); offset !== undefined; offset = open.shift()) {
      if (seen.has(offset)) continue;
      seen.add(offset);
      const isTable = (await this.#bytes.read(offset + this.#shift, 16)).toString("latin1").trimStart();
      const trailer = isTable.startsWith("xref")
        ? await this.#readTable(offset)
        : await this.#readXref(offset);
      for (const [key, value] of trailer) if (!this.#trailer.has(key)) this.#trailer.set(key, value);
      const [hidden, previous] = [trailer.get("XRefStm"), trailer.get("Prev")];
      for (const next of [hidden, previous]) if (isWhole(next)) open.push(next);
    }
  }

  async #readTable(offset: number): Promise<PdfDictionary> {
    const start = (reader: PdfReader): number => {
      reader.take(/xref\s*/y);
      return reader.position;
    };
    let at = (await this.#reading(offset, start)) + offset;
    for (;;) {
      const head = /^\s*(\d{1,10}) (\d{1,10})\s*/.exec(
        (await this.#bytes.read(at + this.#shift, 64)).toString("latin1"),
      );
      if (!head) break;
      const [first, count, entries] = [Number(head[1]), Number(head[2]), at + head[0].length];
      this.#sections.push({ find: (object) => this.#tableEntry(object - first, count, entries) });
      at = entries + count * 20;
    }
    return this.#reading(at, (reader) => {
      if (!reader.take(/trailer/y)) throw new BrokenPdf("no trailer");
      const trailer = reader.readValue();
      if (isDictionary(trailer)) return trailer;
      throw new BrokenPdf("no trailer");
    });
  }

  async #tableEntry(index: number, count: number, entries: number): Promise<Entry | undefined> {
    if (index < 0 || index >= count) return undefined;
    const entry = (await this.#bytes.read(entries + index * 20 + this.#shift, 20)).toString("latin1");
    const [, offset, type] = /^(\d{10}) \d{5} ([nf])/.exec(entry) ?? [];
    if (offset === undefined) throw new BrokenPdf("no entry of a table");
    return type === "n" ? { offset: Number(offset) } : undefined;
  }

  async #readXref(offset: number): Promise<PdfDictionary> {
    const { value, streamAt } = await this.#readObject(offset);
    const dictionary = await this.dictionary(value);
    const data = await this.#streamData(dictionary, streamAt);
    const [widths, size] = [dictionary.get("W"), dictionary.get("Size")];
    if (!Array.isArray(widths) || !widths.every(isWhole) || !isWhole(size)) throw new BrokenPdf("no xref");
    const [typeBytes = 0, secondBytes = 0, thirdBytes = 0] = widths;
    const rowBytes = typeBytes + secondBytes + thirdBytes;
    const index = dictionary.get("Index");
    const ranges = Array.isArray(index) && index.every(isWhole) ? index : [0, size];
    const number = (at: number, bytes: number): number =>
      data.subarray(at, at + bytes).reduce((sum, byte) => sum * 256 + byte, 0);
    const entryAt = (at: number): Entry | undefined => {
      const type = typeBytes === 0 ? 1 : number(at, typeBytes);
      const second = number(at + typeBytes, secondBytes);
      return type === 1 ? { offset: second } : type === 2 ? { stream: second } : undefined;
    };
    const find = async (object: number): Promise<Entry | undefined> => {
      let row = 0;
      for (let range = 0; range + 1 < ranges.length; range += 2) {
        const [first = 0, count = 0] = [ranges[range], ranges[range + 1]];
        if (object >= first && object < first + count) return entryAt((row + object - first) * rowBytes);
        row += count;
      }
      return undefined;
    };
    this.#sections.push({ find });
    return dictionary;
  }
}
