import { endianness } from "node:os";

const BYTES_PER_DOUBLE = 8;
const IS_BIG_ENDIAN = endianness() === "BE";

/** Doubles as little-endian bytes: a view of them, where the machine has them so. */
export const littleEndianOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer => {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return IS_BIG_ENDIAN ? Buffer.from(bytes).swap64() : bytes;
};

/** Reads little-endian doubles into memory of their own; `undefined` when the last is not whole. */
export const doublesOf = (bytes: Uint8Array): Float64Array | undefined => {
  if (bytes.length % BYTES_PER_DOUBLE !== 0) return undefined;
  const { buffer } = Uint8Array.from(bytes);
  if (IS_BIG_ENDIAN) Buffer.from(buffer).swap64();
  return new Float64Array(buffer);
};
