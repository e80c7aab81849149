import type { PointVector } from "../../sink.js";

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Most characters of a float32 as printed here, with the comma: `-0.000000123456789,`. */
const LONGEST_NUMBER = 19;

/** Powers of ten: exact from 1 to 1e22, rounded below 1. */
const POWERS = Float64Array.from({ length: 17 }, (_, exponent) => Number(`1e${exponent}`));
const FRACTIONS = Float64Array.from({ length: 17 }, (_, exponent) => Number(`1e-${exponent}`));

/** The digits of 0 to 99, two bytes each. */
const PAIRS = Buffer.from(Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0")).join(""));

/** Counts the bytes that the text of a vector takes at most. */
export const floatsCapacity = (count: number): number => count * LONGEST_NUMBER + 2;

/**
 * Prints numbers as a JSON array of float32, each in the fewest of 8 or 9 digits that give the same float32 back: the
 * server keeps no more, and 9 are enough for any. Zeros at the end are left out, the sign of a zero is kept.
 *
 * Components of unit vectors are printed by arithmetic, three times faster than by `JSON.stringify`: products and
 * quotients with exact powers of ten are rounded once. Eight digits count as enough only when they would be so even
 * one sixteenth farther off, for parsers of JSON that are a little inexact.
 *
 * @param bytes has room for {@link floatsCapacity} from `start` on
 * @returns where the text ends
 */
export const writeFloats = (bytes: Buffer, start: number, values: PointVector): number => {
  let at = start;
  bytes[at++] = OPEN;
  for (let index = 0; index < values.length; index++) {
    if (index > 0) bytes[at++] = COMMA;
    let size = Math.fround(values[index] ?? 0);
    if (size < 0 || Object.is(size, -0)) {
      bytes[at++] = MINUS;
      size = -size;
    }
    at = size < 1 && size > 1e-7 ? writeFraction(bytes, at, size) : writeAny(bytes, at, size);
  }
  bytes[at++] = CLOSE;
  return at;
};

const writeAny = (bytes: Buffer, at: number, size: number): number => {
  const text = size < 1e9 ? String(Number(size.toPrecision(9))) : size.toExponential(8);
  return at + bytes.write(text, at, "latin1");
};

const powerOf = (exponent: number): number => POWERS[exponent] ?? Number.NaN;

/** A float32 between 1e-7 and 1. */
const writeFraction = (bytes: Buffer, at: number, size: number): number => {
  let places = 8;
  while (size * powerOf(places) < 1e7) places++;
  let digits = (size * powerOf(places) + 0.5) | 0;
  const printed = digits * (FRACTIONS[places] ?? Number.NaN);
  if (Math.fround(size + (printed - size) * 1.0625) !== size) {
    places++;
    digits = (size * powerOf(places) + 0.5) | 0;
  }
  while (digits % 10 === 0) {
    digits = (digits / 10) | 0;
    places--;
  }
  bytes[at] = ZERO;
  bytes[at + 1] = POINT;
  const first = at + 2;
  const end = first + places;
  let to = end;
  while (digits >= 10) {
    const rest = (digits / 100) | 0;
    const pair = (digits - rest * 100) * 2;
    bytes[--to] = PAIRS[pair + 1] ?? ZERO;
    bytes[--to] = PAIRS[pair] ?? ZERO;
    digits = rest;
  }
  if (digits > 0) bytes[--to] = ZERO + digits;
  while (to > first) bytes[--to] = ZERO;
  return end;
};
