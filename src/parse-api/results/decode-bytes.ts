import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { messageOf, UnsiloedError } from "../../errors.js";
import { DEFAULT_RESULT_LIMITS, type ResultLimits } from "./limits.js";
import { invalid } from "./read-segment.js";

/** Small enough to hold, large enough to be worth a turn of the event loop. */
const PIECE_BYTES = 65_536;

/** From here on a high ratio is an error; in less, it means nothing. */
const EXPANSION_FROM_BYTES = 64 * 1024 * 1024;

async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of source)
    for (let from = 0; from < bytes.length; from += PIECE_BYTES)
      yield bytes.subarray(from, from + PIECE_BYTES);
}

/** Joins the first three bytes, which tell the encoding, into one piece; the others follow as they are. */
async function* withHead(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  let begun = false;
  for await (const piece of source) {
    if (begun) yield piece;
    else {
      head = head.length === 0 ? piece : Buffer.concat([head, piece]);
      if (head.length < 3) continue;
      begun = true;
      yield head;
    }
  }
  if (!begun && head.length > 0) yield head;
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  name: string,
  { expansion }: ResultLimits,
): AsyncGenerator<Uint8Array> {
  let packedBytes = 0;
  let bytes = 0;
  let broken: unknown;
  const counted = async function* () {
    try {
      for await (const piece of source) {
        packedBytes += piece.length;
        yield piece;
      }
    } catch (thrown) {
      broken = thrown;
      throw thrown;
    }
  };
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  const feeding = pipeline(Readable.from(counted(), { objectMode: false }), gunzip);
  // Errors surface where the bytes are read.
  feeding.catch(() => undefined);
  try {
    for await (const piece of gunzip) {
      bytes += piece.length;
      if (bytes > EXPANSION_FROM_BYTES && bytes > packedBytes * expansion)
        throw invalid(
          name,
          `the gzip data unpacks to more than ${expansion} times its size; see the option limits`,
        );
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof UnsiloedError) throw cause;
    if (broken !== undefined) throw broken;
    throw invalid(name, `the gzip data is damaged or cut short: ${messageOf(cause)}`, cause);
  } finally {
    gunzip.destroy();
  }
}

/** Decodes UTF-16, in which shells on Windows save redirected output. */
async function* fromUtf16(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder("utf-16le");
  for await (const piece of source) yield Buffer.from(decoder.decode(piece, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function* decoded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = withHead(source)[Symbol.asyncIterator]();
  const { value: head = new Uint8Array() } = await pieces.next();
  const all = async function* () {
    yield head;
    yield* pieces;
  };
  try {
    if (head[0] === 0xff && head[1] === 0xfe) yield* fromUtf16(all());
    else {
      yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
      yield* pieces;
    }
  } finally {
    await pieces.return(undefined);
  }
}

/**
 * Decodes a JSON text to UTF-8, in small pieces. It may be gzip and may begin with a byte order mark, which the bytes
 * tell, not a file name.
 *
 * @param name what the text is called in messages
 * @throws UnsiloedError `INVALID_RESULT` for damaged gzip data and for more bytes than allowed
 */
export async function* plainBytes(
  source: AsyncIterable<Uint8Array>,
  name: string,
  limits: ResultLimits = DEFAULT_RESULT_LIMITS,
): AsyncGenerator<Uint8Array> {
  const pieces = withHead(inPieces(source))[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    const { value: head = new Uint8Array() } = await pieces.next();
    const all = async function* () {
      yield head;
      yield* pieces;
    };
    for await (const piece of decoded(isGzip(head) ? unpacked(all(), name, limits) : all())) {
      bytes += piece.length;
      if (bytes > limits.bytes)
        throw invalid(name, `larger than ${limits.bytes} bytes; see the option limits`);
      // A plain Uint8Array instead of a Buffer: V8 is faster with arrays of one kind.
      if (piece.length > 0) yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
  } finally {
    // Not waited for: the source of gzip data is read ahead, and may have nothing to give for a long time.
    pieces.return(undefined).catch(() => undefined);
  }
}
