import { byteAt, INCOMPLETE, MINUS, NINE, POINT, parse, UNREADABLE, unexpectedAt, ZERO } from "./bytes.js";

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

const powerOf = (exponent: number): number => POWERS[exponent] ?? Number.NaN;

/** Any so many digits fit into 32 bits: V8 computes these in integers, twice as fast as in doubles. */
const FEW_DIGITS = 9;
/** A double holds any so many digits exactly. */
const EXACT_DIGITS = 15;
/** The most digits that are read here; doubles are printed with 17. */
const MANY_DIGITS = 22;

/** Tells whether a byte may be part of a number. */
const isOfNumber = (byte: number): boolean =>
  (byte >= ZERO && byte <= NINE) ||
  byte === POINT ||
  byte === MINUS ||
  byte === 0x2b ||
  (byte | 0x20) === 0x65;

/** Parts of a double whose products are exact: 2^27 + 1, after Veltkamp (1968). */
const SPLITTER = 134_217_729;

/** Computes what rounding `a · b` to `product` loses (Dekker, "A floating-point technique", 1971). */
const lostOf = (a: number, b: number, product: number): number => {
  const [scaledA, scaledB] = [SPLITTER * a, SPLITTER * b];
  const highA = scaledA - (scaledA - a);
  const highB = scaledB - (scaledB - b);
  const [lowA, lowB] = [a - highA, b - highB];
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
};

/** A quotient nearer to the middle of two doubles, in parts of half their distance, is left to `JSON.parse`. */
const NEAR_MIDDLE = 1 + 2 ** -40;

/**
 * Computes `(head · 10^more + tail) / 10^scale`, rounded once. Numerator and quotient are sums of two doubles, of which the
 * second tells which way to round: its own error is some 2^-50 of the distance between two doubles.
 *
 * @returns `NaN` where that is not certain
 */
const longQuotient = (head: number, more: number, tail: number, scale: number): number => {
  const [power, divisor] = [powerOf(more), powerOf(scale)];
  const product = head * power;
  const lost = lostOf(head, power, product);
  const numerator = product + tail;
  const rest = lost + (tail - (numerator - product));
  const first = numerator / divisor;
  const back = first * divisor;
  const second = (numerator - back - lostOf(first, divisor, back) + rest) / divisor;
  const quotient = first + second;
  const error = second - (quotient - first);
  return quotient + error * NEAR_MIDDLE === quotient ? quotient : Number.NaN;
};

/** Reads numbers from the bytes of JSON, each as the very double that `JSON.parse` returns. */
export class NumberReader {
  value = 0;

  /**
   * Reads the number that begins at `from`. A double holds few digits and the power of ten below them exactly, so that
   * their quotient is rounded once (Clinger, "How to read floating point numbers accurately", 1990).
   *
   * @returns the index after the number, `INCOMPLETE` or `UNREADABLE`
   */
  read(bytes: Uint8Array, from: number): number {
    let at = from;
    let byte = byteAt(bytes, at);
    const isNegative = byte === MINUS;
    if (isNegative) byte = byteAt(bytes, ++at);
    const first = at;
    let digits = 0;
    while (byte >= ZERO && byte <= NINE) {
      digits = (Math.imul(digits, 10) + (byte - ZERO)) | 0;
      byte = byteAt(bytes, ++at);
    }
    const whole = at - first;
    if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) return unexpectedAt(bytes, at);
    let scale = 0;
    /** The digits after the first few. */
    let further = 0;
    if (byte === POINT) {
      byte = byteAt(bytes, ++at);
      const point = at;
      const few = point + FEW_DIGITS - whole;
      while (at < few && byte >= ZERO && byte <= NINE) {
        digits = (Math.imul(digits, 10) + (byte - ZERO)) | 0;
        byte = byteAt(bytes, ++at);
      }
      while (byte >= ZERO && byte <= NINE) {
        further = (Math.imul(further, 10) + (byte - ZERO)) | 0;
        byte = byteAt(bytes, ++at);
      }
      scale = at - point;
      if (scale === 0) return unexpectedAt(bytes, at);
    }
    if (at >= bytes.length) return INCOMPLETE;
    if (isOfNumber(byte)) return this.#any(bytes, from, at);
    const more = whole + scale - FEW_DIGITS;
    let size: number;
    if (more <= 0) size = digits / powerOf(scale);
    else if (whole <= FEW_DIGITS && more <= FEW_DIGITS) size = longQuotient(digits, more, further, scale);
    else size = longer(bytes, first, at, scale);
    if (Number.isNaN(size)) return this.#any(bytes, from, at);
    this.value = isNegative ? -size : size;
    return at;
  }

  #any(bytes: Uint8Array, from: number, behind: number): number {
    let at = behind;
    while (isOfNumber(byteAt(bytes, at))) at += 1;
    if (at >= bytes.length) return INCOMPLETE;
    const value = parse(bytes, from, at);
    if (typeof value !== "number") return UNREADABLE;
    this.value = value;
    return at;
  }
}

/** Reads many digits, of which the first may be zeros. @returns `NaN` where they are too many */
const longer = (bytes: Uint8Array, from: number, to: number, scale: number): number => {
  let head = 0;
  let tail = 0;
  let count = 0;
  for (let at = from; at < to; at++) {
    const byte = byteAt(bytes, at);
    if (byte === POINT) continue;
    // Zeros before the first digit count for nothing.
    if (count > 0 || byte !== ZERO) count += 1;
    if (count <= EXACT_DIGITS) head = head * 10 + (byte - ZERO);
    else tail = tail * 10 + (byte - ZERO);
  }
  if (count > MANY_DIGITS || scale >= POWERS.length) return Number.NaN;
  return count <= EXACT_DIGITS
    ? head / powerOf(scale)
    : longQuotient(head, count - EXACT_DIGITS, tail, scale);
};
