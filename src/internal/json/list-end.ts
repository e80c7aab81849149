import {
  BACKSLASH,
  byteAt,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  INCOMPLETE,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  UNREADABLE,
} from "./bytes.js";

const BLANKS = [0x20, 0x09, 0x0a, 0x0d];

/** Bytes that may stand before the quote that opens a string, and after the quote that closes one. */
const BEFORE_STRING = new Uint8Array(256);
for (const byte of [OPEN_BRACE, OPEN_BRACKET, COMMA, COLON, ...BLANKS]) BEFORE_STRING[byte] = 1;
const AFTER_STRING = new Uint8Array(256);
for (const byte of [CLOSE_BRACE, CLOSE_BRACKET, COMMA, COLON, ...BLANKS]) AFTER_STRING[byte] = 1;

const isEscaped = (bytes: Uint8Array, quote: number): boolean => {
  let at = quote;
  while (byteAt(bytes, at - 1) === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 1;
};

/**
 * Tells whether the byte at an index is within a string, by the quotes before it. Most quotes show by their neighbours
 * whether they open or close a string, so that the nearest one tells.
 *
 * @param known an earlier index, of a bracket
 * @param isKnownIn whether that one is within a string
 */
const isInString = (bytes: Uint8Array, at: number, known: number, isKnownIn: boolean): boolean => {
  let quotes = 0;
  for (let index = at - 1; index > known; index--) {
    if (bytes[index] !== QUOTE) continue;
    if (bytes[index - 1] === BACKSLASH) return isEscaped(bytes, index) === (quotes % 2 === 0);
    if (BEFORE_STRING[byteAt(bytes, index - 1)] === 0) return quotes % 2 === 1;
    if (AFTER_STRING[byteAt(bytes, index + 1)] === 0) return quotes % 2 === 0;
    quotes += 1;
  }
  return isKnownIn === (quotes % 2 === 0);
};

/** The brackets beyond one in so many bytes that are looked for; each costs as much as reading about as many bytes. */
const FREE_BRACKETS = 64;
const BYTES_A_BRACKET = 64;

/**
 * Finds the end of a list without looking at every byte, which is many times as fast where brackets are rare, as in
 * lists of words. What is not JSON may end anywhere.
 *
 * @param from the index of its opening bracket
 * @returns the index after its closing bracket; `INCOMPLETE`; `UNREADABLE` if no list begins there, or one of so many
 *   brackets that looking at every byte is faster
 */
export const endOfList = (bytes: Uint8Array, from: number): number => {
  if (byteAt(bytes, from) !== OPEN_BRACKET) return UNREADABLE;
  // Searched by the C library.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let open = buffer.indexOf(OPEN_BRACKET, from + 1);
  let close = buffer.indexOf(CLOSE_BRACKET, from + 1);
  let at = from;
  let isIn = false;
  for (let depth = 1, brackets = 0; close >= 0; brackets++) {
    if (brackets > FREE_BRACKETS + (at - from) / BYTES_A_BRACKET) return UNREADABLE;
    const isOpen = open >= 0 && open < close;
    const next = isOpen ? open : close;
    isIn = isInString(bytes, next, at, isIn);
    at = next;
    if (!isIn) depth += isOpen ? 1 : -1;
    if (depth === 0) return at + 1;
    if (isOpen) open = buffer.indexOf(OPEN_BRACKET, at + 1);
    else close = buffer.indexOf(CLOSE_BRACKET, at + 1);
  }
  return INCOMPLETE;
};
