import { createGunzip } from "node:zlib";
import { z } from "zod";
import { isPackedWords, unpackWords, WORD_NUMBERS } from "../../documents/packed-words.js";
import type { ParsedChunk, ResultInfo } from "../../documents/result.js";
import { type PackedWords, type Segment, segmentSchema } from "../../documents/segment.js";
import { alwaysNeedsWords } from "../../documents/segment-type.js";
import { UnsiloedError } from "../../errors.js";
import { doublesOf, littleEndianOf } from "../../internal/float64.js";
import { describeIssue } from "../../internal/options.js";

/** Version of the files. Raise it when an older package would misread a new file; older ones ignore such files. */
export const KEPT_FORMAT = 2;

/** Versions that are read; the first had no packed words. */
const READABLE = [1, KEPT_FORMAT] as const;

/** Checks what a result says beside its chunks. */
const infoSchema: z.ZodType<ResultInfo> = z.strictObject({
  jobId: z.string().nullable(),
  state: z.string().nullable(),
  fileName: z.string().nullable(),
  pageCount: z.number().nullable(),
});

const headerSchema = z.strictObject({
  format: z.literal(READABLE),
  docId: z.string(),
  contentHash: z.string().nullable(),
  parseHash: z.string().nullable(),
  /** Whether word boxes are kept. */
  words: z.boolean(),
  info: infoSchema,
});

const endSchema = z.strictObject({ end: z.strictObject({ chunks: z.number().int().nonnegative() }) });

/** Words as a list of numbers in base64: printing them is a tenth of the work of printing them as objects. */
const packedSchema = z
  .object({ text: z.string(), numbers: z.base64() })
  .transform(({ text, numbers }, context) => {
    const doubles = doublesOf(Buffer.from(numbers, "base64"));
    if (doubles && doubles.length % WORD_NUMBERS === 0) return { text, numbers: doubles };
    context.addIssue({
      code: "custom",
      path: ["numbers"],
      message: `expected ${WORD_NUMBERS} numbers a word`,
    });
    return z.NEVER;
  });

const chunkSchema = z.strictObject({
  chunkId: z.string().nullable(),
  segments: z.array(segmentSchema.extend({ packed_ocr: packedSchema.optional() })),
});

export type KeptHeader = z.infer<typeof headerSchema>;

const isAddress = (image: string): boolean => /^https?:/i.test(image);

const printable = ({ text, numbers }: PackedWords) => ({
  text,
  numbers: littleEndianOf(numbers).toString("base64"),
});

const keptSegment = ({ packed_ocr, ...segment }: Segment, words: boolean): Record<string, unknown> => {
  const keepsWords = words || alwaysNeedsWords(segment.segment_type);
  return {
    ...segment,
    ...(keepsWords && isPackedWords(packed_ocr) && { packed_ocr: printable(packed_ocr) }),
    ...(!keepsWords && { ocr: null }),
    ...(segment.image && isAddress(segment.image) && { image: null }),
  };
};

export const headerLine = (header: Omit<KeptHeader, "format">): string =>
  `${JSON.stringify(headerSchema.parse({ format: KEPT_FORMAT, ...header }))}\n`;

export const chunkLine = ({ chunkId, segments }: ParsedChunk, words: boolean): string =>
  `${JSON.stringify({ chunkId, segments: segments.map((segment) => keptSegment(segment, words)) })}\n`;

export const endLine = (chunks: number): string => `${JSON.stringify({ end: { chunks } })}\n`;

const unpacked = ({ packed_ocr, ...segment }: Segment): Segment => ({
  ...segment,
  ...(packed_ocr && { ocr: unpackWords(packed_ocr) }),
});

/** Reads the lines of a compressed file. Throws when gzip's checksum is wrong. */
async function* lines(file: Uint8Array): AsyncGenerator<string> {
  const gunzip = createGunzip({ chunkSize: 65_536 });
  gunzip.end(file);
  const decoder = new TextDecoder();
  // Joined once a line is complete: a chunk with word boxes can be of many megabytes.
  let pieces: string[] = [];
  for await (const part of gunzip) {
    const [head = "", ...rest] = decoder.decode(part, { stream: true }).split("\n");
    pieces.push(head);
    for (const piece of rest) {
      yield pieces.join("");
      pieces = [piece];
    }
  }
  const last = pieces.join("");
  if (last !== "") yield last;
}

const parseLine = <S extends z.ZodType>(schema: S, line: string, what: string): z.output<S> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new UnsiloedError("INVALID_RESULT", `${what}: not valid JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UnsiloedError("INVALID_RESULT", `${what}: ${describeIssue(parsed.error, value)}`);
};

/** Reads the header of a file. @throws UnsiloedError `INVALID_RESULT` */
export const readHeader = async (file: Uint8Array): Promise<KeptHeader> => {
  for await (const line of lines(file)) return parseLine(headerSchema, line, "its header");
  throw new UnsiloedError("INVALID_RESULT", "it is empty");
};

/** Tells whether a file is complete: gzip's checksum is right, and so is the number of chunks in its last line. */
export const isWhole = async (file: Uint8Array): Promise<boolean> => {
  let count = 0;
  let last = "";
  for await (const line of lines(file)) {
    count += 1;
    last = line;
  }
  const end = endSchema.safeParse(
    last.length < 100 && last.startsWith('{"end":') ? JSON.parse(last) : undefined,
  );
  return end.success && end.data.end.chunks === count - 2;
};

/** Reads the chunks of a file that {@link isWhole}. @param packWords leave words packed that were kept so */
export async function* readChunks(
  file: Uint8Array,
  name: string,
  packWords: boolean,
): AsyncGenerator<ParsedChunk> {
  let number = -1;
  let previous = "";
  // Each line is read one behind, since the first is the header and the last is the end.
  for await (const line of lines(file)) {
    if (number > 0) {
      const what = `${name}: chunk ${number}; delete the file to parse the document again`;
      const { chunkId, segments } = parseLine(chunkSchema, previous, what);
      yield { chunkId, segments: packWords ? segments : segments.map(unpacked) };
    }
    number += 1;
    previous = line;
  }
}
