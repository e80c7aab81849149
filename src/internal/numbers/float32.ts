import { endianness } from "node:os";

const BYTES_PER_FLOAT = 4;
const IS_BIG_ENDIAN = endianness() === "BE";

/** Anything that holds the components of a vector. */
export type Vector = ArrayLike<number>;

/** Little-endian float32, as a view where the bytes allow one; `undefined` when the last float is not whole. */
export const floatsOf = (bytes: Buffer): Float32Array | undefined => {
  if (bytes.length % BYTES_PER_FLOAT !== 0) return undefined;
  const isAligned = bytes.byteOffset % BYTES_PER_FLOAT === 0 && !IS_BIG_ENDIAN;
  // A copy by `Uint8Array.from` has memory of its own, where `Buffer.from` may lie anywhere in a shared piece.
  const { buffer, byteOffset, byteLength } = isAligned ? bytes : Uint8Array.from(bytes);
  if (IS_BIG_ENDIAN) Buffer.from(buffer, byteOffset, byteLength).swap32();
  return new Float32Array(buffer, byteOffset, byteLength / BYTES_PER_FLOAT);
};

/** A vector as little-endian float32, after so many bytes that are left zero. */
export const bytesOf = (vector: Vector, offset: number): Buffer => {
  const bytes = Buffer.alloc(offset + vector.length * BYTES_PER_FLOAT);
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset + offset, vector.length);
  for (let index = 0; index < floats.length; index++) floats[index] = vector[index] ?? Number.NaN;
  if (IS_BIG_ENDIAN) bytes.subarray(offset).swap32();
  return bytes;
};

/** A list of its own. A plain loop: `Array.from` takes ten times as long, and a full answer has three million numbers. */
export const numbersOf = (vector: Vector): number[] => {
  const numbers = new Array<number>(vector.length);
  for (let index = 0; index < numbers.length; index++) numbers[index] = vector[index] ?? Number.NaN;
  return numbers;
};

/** The same where it is a list. */
export const listOf = (vector: Vector): readonly number[] =>
  Array.isArray(vector) ? vector : numbersOf(vector);

/** Whether all components are finite: nothing else times zero is zero. */
export const isFiniteVector = (vector: Vector): boolean => {
  let sum = 0;
  for (let index = 0; index < vector.length; index++) sum += (vector[index] ?? Number.NaN) * 0;
  return sum === 0;
};

/** Whether a vector has a direction: all numbers are finite, and one of them is not zero. */
export const hasDirection = (vector: Vector): boolean => {
  if (!isFiniteVector(vector)) return false;
  for (let index = 0; index < vector.length; index++) if (vector[index] !== 0) return true;
  return false;
};

/** As float32, half the size of a list and not in the heap that V8 has to look through: the same where it is that. */
export const float32Of = (vector: Vector): Float32Array =>
  vector instanceof Float32Array ? vector : Float32Array.from(vector);
