import { describe, expect, it } from "vitest";
import {
  bytesOf,
  float32Of,
  floatsOf,
  isFiniteVector,
  listOf,
  numbersOf,
} from "../../../src/internal/numbers/float32.js";

const VECTOR = [0.1, -2.5, 3e38, 1e-40, 0];
const ROUNDED = VECTOR.map(Math.fround);

/** Writes vectors like any other program. */
const littleEndian = (vector: readonly number[], offset = 0): Buffer => {
  const bytes = Buffer.alloc(offset + vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, offset + index * 4);
  return bytes;
};

describe("float32", () => {
  it("is written after the offset, little-endian", () => {
    expect(bytesOf(VECTOR, 4)).toEqual(littleEndian(VECTOR, 4));
    expect(bytesOf([], 0).length).toBe(0);
  });

  it.each([0, 1, 2, 3, 4, 7])("is read at any offset, here %i bytes", (offset) => {
    const bytes = littleEndian(VECTOR, offset).subarray(offset);
    expect([...(floatsOf(bytes) ?? [])]).toEqual(ROUNDED);
    expect(floatsOf(bytes.subarray(1))).toBeUndefined();
  });

  it("does not change the bytes that it is read from", () => {
    const bytes = littleEndian(VECTOR, 1);
    const before = Buffer.from(bytes);
    floatsOf(bytes.subarray(1));
    expect(bytes).toEqual(before);
  });

  it("becomes a separate list", () => {
    expect(numbersOf(Float32Array.from(VECTOR))).toEqual(ROUNDED);
    const list = numbersOf(VECTOR);
    list[0] = 9;
    expect(VECTOR[0]).toBe(0.1);
  });

  it("is converted to an array, or to a list, only when necessary", () => {
    const floats = float32Of(VECTOR);
    expect(floats).toEqual(Float32Array.from(VECTOR));
    expect(float32Of(floats)).toBe(floats);
    expect(listOf(floats)).toEqual(ROUNDED);
    expect(listOf(VECTOR)).toBe(VECTOR);
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]])(
    "is not finite with a %d anywhere",
    (value) => {
      for (let place = 0; place < VECTOR.length; place++)
        expect(isFiniteVector(VECTOR.map((own, index) => (index === place ? value : own)))).toBe(false);
    },
  );

  it("is finite otherwise", () => {
    expect(isFiniteVector(VECTOR)).toBe(true);
    expect(isFiniteVector(Float32Array.from(VECTOR))).toBe(true);
  });
});
