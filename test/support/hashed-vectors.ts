import { createHash } from "node:crypto";

const SPOTS_PER_WORD = 8;

/**
 * Returns a vector of length 1 that depends only on the words of a text: each word adds to the same few dimensions
 * wherever it occurs, so texts that share words are near each other, and the same text always has the same vector.
 */
export const hashedVector = (text: string, dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const hash = createHash("sha1").update(word).digest();
    for (let spot = 0; spot < SPOTS_PER_WORD; spot++) {
      const value = hash.readUInt16LE(spot * 2);
      const at = (value >> 1) % dimensions;
      vector[at] = (vector[at] ?? 0) + (value & 1 ? 1 : -1);
    }
  }
  // Words may cancel out, and a vector of zeros has no direction.
  if (vector.every((value) => value === 0)) vector[0] = 1;
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
};
