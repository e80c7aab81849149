import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants, crc32 } from "node:zlib";
import { z } from "zod";
import { isPackedWords, unpackWords, WORD_NUMBERS } from "../../documents/packed-words.js";
import type { ParsedChunk, ResultInfo } from "../../documents/result.js";
import { type PackedWords, type Segment, segmentSchema } from "../../documents/segment.js";
import { alwaysNeedsWords } from "../../documents/segment-type.js";
import { UnsiloedError } from "../../errors.js";
import { doublesOf, littleEndianOf } from "../../internal/numbers/float64.js";
import { describeIssue } from "../../internal/options.js";
import { fromColumns, toColumns } from "./word-columns.js";

/** Version of the files. Raise it when an older package would misread a new file; older ones ignore such files. */
const KEPT_FORMAT = 3;

/**
 * Bytes that are compressed in one call. Each call goes to a thread of Node's and back, which costs more than
 * compressing a chunk, and what is one call is in memory.
 */
export const BLOCK_BYTES = 512 * 1024;

/**
 * Brotli's fastest level. Of a document of 250 segments with words, 1.2 MB here, it leaves 300 kB in 4 ms of processor
 * time, where the fastest level of gzip takes 10. Output comes in pieces, each of which is another call.
 */
const COMPRESSION = {
  chunkSize: BLOCK_BYTES,
  params: { [constants.BROTLI_PARAM_QUALITY]: 0, [constants.BROTLI_PARAM_LGWIN]: 19 },
};

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

const LINE_END = "\n".charCodeAt(0);
const WORD_BYTES = 4;

/** Checks what a result says beside its chunks. */
const infoSchema: z.ZodType<ResultInfo> = z.strictObject({
  jobId: z.string().nullable(),
  state: z.string().nullable(),
  fileName: z.string().nullable(),
  pageCount: z.number().nullable(),
});

const headerSchema = z.strictObject({
  format: z.literal(KEPT_FORMAT),
  docId: z.string(),
  contentHash: z.string().nullable(),
  parseHash: z.string().nullable(),
  /** Whether word boxes are kept. */
  words: z.boolean(),
  info: infoSchema,
});

/** Words without their numbers, which stand behind the JSON of their block. */
const wordsSchema = z.strictObject({ text: z.string(), count: z.number().int().nonnegative() });

const blockSchema = z.array(
  z.strictObject({
    chunkId: z.string().nullable(),
    segments: z.array(segmentSchema.extend({ packed_ocr: wordsSchema.optional() })),
  }),
);

export type KeptHeader = z.infer<typeof headerSchema>;

const isAddress = (image: string): boolean => /^https?:/i.test(image);

/** Prints the header of a file, which is its first line. */
export const headerLine = (header: Omit<KeptHeader, "format">): Buffer =>
  Buffer.from(`${JSON.stringify(headerSchema.parse({ format: KEPT_FORMAT, ...header }))}\n`);

/** Chunks that are compressed together: their JSON, then the numbers of their words, not printed. */
export class KeptBlock {
  readonly #withWords: boolean;
  readonly #chunks: string[] = [];
  readonly #numbers: Float64Array[] = [];
  #size = 0;

  /** @param withWords whether words are kept of segments that do not always need them */
  constructor(withWords: boolean) {
    this.#withWords = withWords;
  }

  /** About how many bytes it will have before it is compressed. */
  get size(): number {
    return this.#size;
  }

  add({ chunkId, segments }: ParsedChunk): void {
    const json = JSON.stringify({ chunkId, segments: segments.map((segment) => this.#kept(segment)) });
    this.#chunks.push(json);
    this.#size += json.length;
  }

  /** Returns it compressed, after its length. */
  async bytes(): Promise<Buffer> {
    const json = Buffer.from(`[${this.#chunks.join(",")}]\n`);
    const numbers = littleEndianOf(toColumns(this.#numbers));
    const compressed = await compress(Buffer.concat([json, numbers]), COMPRESSION);
    return Buffer.concat([uint32(compressed.length), compressed]);
  }

  #kept(segment: Segment): Record<string, unknown> {
    const { packed_ocr, image } = segment;
    const keepsWords = this.#withWords || alwaysNeedsWords(segment.segment_type);
    const kept: Record<string, unknown> = { ...segment };
    if (!keepsWords) kept["ocr"] = null;
    if (image && isAddress(image)) kept["image"] = null;
    // What is undefined is not printed.
    kept["packed_ocr"] = keepsWords && isPackedWords(packed_ocr) ? this.#keptWords(packed_ocr) : undefined;
    return kept;
  }

  #keptWords({ text, numbers }: PackedWords): z.infer<typeof wordsSchema> {
    this.#numbers.push(numbers);
    this.#size += numbers.byteLength;
    return { text, count: numbers.length / WORD_NUMBERS };
  }
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** Returns what ends a file: a block of no length, and the checksum of everything before it. */
export const endOfFile = (checksum: number): Buffer => Buffer.concat([uint32(0), uint32(checksum)]);

/** Returns the end of the first line of a file. */
const endOfHeader = (file: Buffer): number => {
  const end = file.indexOf(LINE_END);
  return end < 0 ? file.length : end;
};

const parseJson = <S extends z.ZodType>(schema: S, text: string, what: string): z.output<S> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UnsiloedError("INVALID_RESULT", `${what}: not valid JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UnsiloedError("INVALID_RESULT", `${what}: ${describeIssue(parsed.error, value)}`);
};

/**
 * Reads the header of a file that is as it was written: of one that is damaged, a message would show the damage.
 *
 * @throws UnsiloedError `INVALID_RESULT`
 */
export const readHeader = (file: Buffer): KeptHeader => {
  if (file.length === 0) throw new UnsiloedError("INVALID_RESULT", "it is empty");
  assertWhole(file);
  return parseJson(headerSchema, file.toString("utf8", 0, endOfHeader(file)), "its header");
};

const assertWhole = (file: Buffer): void => {
  const at = file.length - endOfFile(0).length;
  const end = at > 0 ? endOfFile(crc32(file.subarray(0, at))) : undefined;
  if (end?.equals(file.subarray(at))) return;
  throw new UnsiloedError("INVALID_RESULT", "it is damaged or cut short");
};

/** Reads the chunks of a whole file. @param packWords leave words packed that were kept so */
export async function* readChunks(
  file: Buffer,
  name: string,
  packWords: boolean,
): AsyncGenerator<ParsedChunk> {
  let at = endOfHeader(file) + 1;
  for (let number = 1; ; number++) {
    const length = file.readUInt32LE(at);
    if (length === 0) return;
    at += WORD_BYTES;
    const block = await decompress(file.subarray(at, at + length), { chunkSize: BLOCK_BYTES });
    at += length;
    yield* chunksOf(
      block,
      `${name}: block ${number}; delete the file to parse the document again`,
      packWords,
    );
  }
}

function* chunksOf(block: Buffer, what: string, packWords: boolean): Generator<ParsedChunk> {
  const end = block.indexOf(LINE_END);
  const chunks = parseJson(blockSchema, block.toString("utf8", 0, end), what);
  const columns = doublesOf(block.subarray(end + 1)) ?? new Float64Array();
  let read = 0;
  for (const { chunkId, segments } of chunks)
    yield {
      chunkId,
      segments: segments.map(({ packed_ocr: words, ...segment }): Segment => {
        if (!words) return segment;
        const packed_ocr = { text: words.text, numbers: fromColumns(columns, read, words.count) };
        read += words.count;
        return { ...segment, ...(packWords ? { packed_ocr } : { ocr: unpackWords(packed_ocr) }) };
      }),
    };
}
