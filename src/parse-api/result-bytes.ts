import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { messageOf, UnsiloedError } from "../errors.js";

const unzip = promisify(gunzip);

/** Half a gigabyte: no JavaScript string can hold more, and `JSON.parse` reads strings. */
const MAX_TEXT_BYTES = 0x1fffffe8;

const invalid = (name: string, message: string, cause?: unknown, retryable = false): UnsiloedError =>
  new UnsiloedError("INVALID_RESULT", `${name}: ${message}`, { cause, retryable });

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Shells on Windows save what they redirect as UTF-16. */
const encodingOf = (bytes: Uint8Array): "utf-16le" | "utf-8" =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";

const decompress = async (bytes: Uint8Array, name: string): Promise<Uint8Array> => {
  try {
    return await unzip(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(name);
    throw invalid(name, `the gzip data is damaged or cut short: ${messageOf(cause)}`, cause);
  }
};

const tooLarge = (name: string): UnsiloedError =>
  invalid(name, "larger than 512 MB of JSON, which is more than can be read in one piece");

/**
 * Reads JSON from bytes, plain or gzip; which of the two is told by the bytes, not by a name.
 *
 * @param name what the bytes are called in messages
 * @param transient whether broken JSON may come whole when it is asked for again
 * @throws UnsiloedError `INVALID_RESULT` for what is no JSON, or too large for one string
 */
export const parseResultBytes = async (
  bytes: Uint8Array,
  name: string,
  transient = false,
): Promise<unknown> => {
  const plain = isGzip(bytes) ? await decompress(bytes, name) : bytes;
  if (plain.length === 0)
    throw invalid(name, "empty; expected the JSON of a parse result", undefined, transient);
  if (plain.length > MAX_TEXT_BYTES) throw tooLarge(name);
  try {
    const parsed: unknown = JSON.parse(new TextDecoder(encodingOf(plain)).decode(plain));
    return parsed;
  } catch (cause) {
    throw invalid(name, `not valid JSON, perhaps cut short: ${jsonProblem(cause)}`, cause, transient);
  }
};

/** V8's message, less the piece of the document it quotes. */
const jsonProblem = (cause: unknown): string =>
  messageOf(cause)
    .replace(/,? ?(\.\.\.)?".*$/s, "")
    .trim();
