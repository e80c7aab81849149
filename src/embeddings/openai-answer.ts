import { UnsiloedError } from "../errors.js";
import { nameText } from "./texts.js";

const BYTES_PER_FLOAT = 4;

const malformed = (problem: string): UnsiloedError =>
  new UnsiloedError("EMBEDDING_FAILED", `the embedding service's answer is not usable: ${problem}`, {
    retryable: true,
  });

const isNumber = (value: unknown): value is number => typeof value === "number";

const decode = (base64: string): number[] | undefined => {
  const { buffer, byteOffset, byteLength } = Buffer.from(base64, "base64");
  if (byteLength % BYTES_PER_FLOAT !== 0) return undefined;
  const floats = new DataView(buffer, byteOffset, byteLength);
  const vector = new Array<number>(byteLength / BYTES_PER_FLOAT);
  // A plain loop: a full answer has three million numbers, and `Array.from` takes ten times as long.
  for (let at = 0; at < vector.length; at++) vector[at] = floats.getFloat32(at * BYTES_PER_FLOAT, true);
  return vector;
};

/**
 * Base64 of little-endian float32, or a list of numbers: compatible servers answer with either whatever was asked
 * for, and the `openai` package turns a list into zeros when left to decode it. `null` is how JSON writes NaN.
 */
const toVector = (embedding: unknown): number[] | undefined => {
  if (typeof embedding === "string") return decode(embedding);
  if (!Array.isArray(embedding)) return undefined;
  if (embedding.every(isNumber)) return embedding;
  return embedding.every((value) => value === null || isNumber(value))
    ? embedding.map((value) => value ?? Number.NaN)
    : undefined;
};

const field = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

/**
 * The vectors of an answer, in the order of the texts.
 *
 * @throws UnsiloedError `EMBEDDING_FAILED`: retryable when vectors are missing or unreadable; final, naming the text,
 *   when a vector is not finite. `INVALID_OPTION` when the service does not heed `dimensions`
 */
export const readAnswer = (
  answer: unknown,
  texts: readonly string[],
  dimensions: number | undefined,
): number[][] => {
  const data = field(answer, "data");
  if (!Array.isArray(data)) throw malformed("it holds no list of vectors");
  if (data.length !== texts.length)
    throw malformed(`it holds ${data.length} vectors for ${texts.length} texts`);
  const vectors = new Array<number[] | undefined>(texts.length).fill(undefined);
  for (const [position, item] of data.entries()) {
    const index = field(item, "index") ?? position;
    const vector = toVector(field(item, "embedding"));
    if (!vector || vector.length === 0) throw malformed(`vector ${position + 1} cannot be read`);
    if (typeof index !== "number" || !(index in vectors) || vectors[index]) {
      throw malformed(`vector ${position + 1} has the index ${String(index)}`);
    }
    vectors[index] = vector;
  }
  return checkVectors(
    vectors.filter((vector) => vector !== undefined),
    texts,
    dimensions,
  );
};

const checkVectors = (vectors: number[][], texts: readonly string[], dimensions: number | undefined) => {
  const size = vectors[0]?.length ?? 0;
  for (const [index, vector] of vectors.entries()) {
    if (vector.length !== size) throw malformed(`its vectors have ${size} and ${vector.length} dimensions`);
    if (!vector.every(Number.isFinite)) {
      throw new UnsiloedError(
        "EMBEDDING_FAILED",
        `the embedding service gave a vector that is not finite for ${nameText(texts, index)}`,
      );
    }
  }
  if (dimensions !== undefined && vectors.length > 0 && size !== dimensions) {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `dimensions: ${dimensions} were asked for and the embedding service gave ${size}: leave the option out for this model`,
    );
  }
  return vectors;
};
