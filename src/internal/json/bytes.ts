// Reads single values of JSON from their bytes, where an object for each would take too long. Each function takes the
// index of the first byte of a value and returns the index after its last, or one of these.

/** The bytes end within the value, or where it may continue. */
export const INCOMPLETE = -1;
/** The value is broken, or in a form that only `JSON.parse` reads. */
export const UNREADABLE = -2;

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

/** Returns the byte at an index; beyond the end 0, which is in no JSON. V8 gives up its fast code for a read there. */
export const byteAt = (bytes: Uint8Array, at: number): number => (at < bytes.length ? (bytes[at] ?? 0) : 0);

/** Tells why a byte is not the expected one. */
export const unexpectedAt = (bytes: Uint8Array, at: number): number =>
  at >= bytes.length ? INCOMPLETE : UNREADABLE;

/** Finds the next byte that is no blank. @returns its index, or the length of the bytes */
export const skipBlanks = (bytes: Uint8Array, from: number): number => {
  let at = from;
  let byte = byteAt(bytes, at);
  while (byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09))
    byte = byteAt(bytes, ++at);
  return at;
};

/** Bytes of a string in ASCII that neither end it nor begin an escape. */
const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x80);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** Finds the first byte that is not plain ASCII: the closing quote if the string is plain. */
export const endOfPlain = (bytes: Uint8Array, from: number): number => {
  let at = from;
  while (PLAIN[byteAt(bytes, at)] === 1) at += 1;
  return at;
};

/** Finds the index after the closing quote. @param from the index after the opening one */
export const endOfString = (bytes: Uint8Array, from: number): number => {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return INCOMPLETE;
};

/** Parses bytes. @returns `undefined` if they are not JSON */
export const parse = (bytes: Uint8Array, from: number, to: number): unknown => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

/** The most levels of arrays and objects that are passed over. */
const DEPTH = 4;

/** Finds the end of a value that is not needed, and checks that it is JSON. */
export const endOfValue = (bytes: Uint8Array, from: number): number => {
  let depth = 0;
  let at = from;
  do {
    if (at >= bytes.length) return INCOMPLETE;
    const byte = byteAt(bytes, at);
    if (byte === QUOTE) {
      at = endOfString(bytes, at + 1);
      if (at < 0) return at;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > DEPTH) return UNREADABLE;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return UNREADABLE;
      depth -= 1;
    }
    at += 1;
  } while (depth > 0 || !endsValue(byteAt(bytes, at)));
  return at >= bytes.length ? INCOMPLETE : parse(bytes, from, at) === undefined ? UNREADABLE : at;
};

/** Tells whether a byte follows a value. */
const endsValue = (byte: number): boolean =>
  byte === 0 || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET;

export const startsWith = (bytes: Uint8Array, at: number, what: Uint8Array): boolean => {
  if (at + what.length > bytes.length) return false;
  for (let index = 0; index < what.length; index++) if (bytes[at + index] !== what[index]) return false;
  return true;
};

/** Finds the value of a key that ends before `at`. */
export const valueAfter = (bytes: Uint8Array, at: number): number => {
  const colon = skipBlanks(bytes, at);
  return byteAt(bytes, colon) === COLON ? skipBlanks(bytes, colon + 1) : unexpectedAt(bytes, colon);
};

/** Finds the end of a member of an object that is not needed. */
export const endOfOther = (bytes: Uint8Array, at: number): number => {
  if (byteAt(bytes, at) !== QUOTE) return unexpectedAt(bytes, at);
  const end = endOfPlain(bytes, at + 1);
  const value = byteAt(bytes, end) === QUOTE ? valueAfter(bytes, end + 1) : unexpectedAt(bytes, end);
  return value < 0 ? value : endOfValue(bytes, value);
};
