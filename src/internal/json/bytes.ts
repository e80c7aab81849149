// Reads single values of JSON from their bytes, for what is too much to be made objects of. Each function takes the
// place of the first byte of a value and returns the place behind its last, or one of these.

/** The bytes end within the value, or where it might go on. */
export const CUT = -1;
/** The value is broken, or of a form that is left to `JSON.parse`. */
export const ODD = -2;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const BACKSLASH = 0x5c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const ZERO = 0x30;
export const NINE = 0x39;

/** The byte at a place; beyond the end 0, which stands in no JSON. To read there would make V8 give up its fast code. */
export const byteAt = (bytes: Uint8Array, at: number): number => (at < bytes.length ? (bytes[at] ?? 0) : 0);

/** What is wrong where a byte is not the one looked for. */
export const without = (bytes: Uint8Array, at: number): number => (at >= bytes.length ? CUT : ODD);

/** @returns the place of the next byte that is no blank, or the end */
export const skipBlanks = (bytes: Uint8Array, from: number): number => {
  let at = from;
  let byte = byteAt(bytes, at);
  while (byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09))
    byte = byteAt(bytes, ++at);
  return at;
};

/** What a string of ASCII holds without an escape. */
const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x80);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** @returns the place of the first byte that is not plain ASCII: of the closing quote, where the string is plain */
export const endOfPlain = (bytes: Uint8Array, from: number): number => {
  let at = from;
  while (PLAIN[byteAt(bytes, at)] === 1) at += 1;
  return at;
};

/** @param from behind the opening quote; @returns the place behind the closing one */
export const endOfString = (bytes: Uint8Array, from: number): number => {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return CUT;
};

/** What `JSON.parse` makes of the bytes; `undefined` when they are no JSON. */
export const parse = (bytes: Uint8Array, from: number, to: number): unknown => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

/** Levels of arrays and objects that are passed over; what is deeper is odd. */
const DEPTH = 4;

/** The end of a value that nobody asked for. It has to be JSON all the same. */
export const endOfValue = (bytes: Uint8Array, from: number): number => {
  let depth = 0;
  let at = from;
  do {
    if (at >= bytes.length) return CUT;
    const byte = byteAt(bytes, at);
    if (byte === QUOTE) {
      at = endOfString(bytes, at + 1);
      if (at < 0) return at;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > DEPTH) return ODD;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return ODD;
      depth -= 1;
    }
    at += 1;
  } while (depth > 0 || !endsValue(byteAt(bytes, at)));
  return at >= bytes.length ? CUT : parse(bytes, from, at) === undefined ? ODD : at;
};

/** Whether a byte stands behind values. */
const endsValue = (byte: number): boolean =>
  byte === 0 || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET;

export const startsWith = (bytes: Uint8Array, at: number, what: Uint8Array): boolean => {
  if (at + what.length > bytes.length) return false;
  for (let index = 0; index < what.length; index++) if (bytes[at + index] !== what[index]) return false;
  return true;
};

/** @returns the place of the value behind a key that ends before `at` */
export const valueAfter = (bytes: Uint8Array, at: number): number => {
  const colon = skipBlanks(bytes, at);
  return byteAt(bytes, colon) === COLON ? skipBlanks(bytes, colon + 1) : without(bytes, colon);
};

/** @returns the end of a member of an object that nobody asked for */
export const endOfOther = (bytes: Uint8Array, at: number): number => {
  if (byteAt(bytes, at) !== QUOTE) return without(bytes, at);
  const end = endOfPlain(bytes, at + 1);
  const value = byteAt(bytes, end) === QUOTE ? valueAfter(bytes, end + 1) : without(bytes, end);
  return value < 0 ? value : endOfValue(bytes, value);
};
