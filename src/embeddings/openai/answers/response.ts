import { UnsiloedError } from "../../../errors.js";
import { floatsOf, hasDirection, type Vector } from "../../../internal/numbers/float32.js";
import { propertyOf } from "../../../internal/objects.js";

/** Makes the error for an answer that cannot be used. It is retryable, because the service may do better. */
export const malformed = (problem: string): UnsiloedError =>
  new UnsiloedError("EMBEDDING_FAILED", `the answer of the embedding service cannot be used: ${problem}`, {
    retryable: true,
  });

const isNumber = (value: unknown): value is number => typeof value === "number";

/**
 * Reads base64 of little-endian float32, or a list of numbers. Compatible servers answer with either, regardless of the
 * request, and the `openai` package decodes a list as zeros. JSON writes NaN as `null`.
 */
const toVector = (embedding: unknown): Vector | undefined => {
  if (typeof embedding === "string") return floatsOf(Buffer.from(embedding, "base64"));
  if (!Array.isArray(embedding)) return undefined;
  if (embedding.every(isNumber)) return embedding;
  return embedding.every((value) => value === null || isNumber(value))
    ? embedding.map((value) => value ?? Number.NaN)
    : undefined;
};

/** Reads an index, which some servers write as a text. */
const indexOf = (item: unknown): unknown => {
  const index = propertyOf(item, "index");
  return typeof index === "string" && /^\d+$/.test(index) ? Number(index) : index;
};

/**
 * Returns which text each vector is of. Some servers leave the index out, that of the first text or all of them; some
 * give every vector the index 0. Then the order of the vectors is that of the texts. Some count from one, in any order.
 */
const placesOf = (items: readonly unknown[]): number[] => {
  const given = items.map((item, position) => indexOf(item) ?? position);
  if (given.every((index) => index === 0)) return [...items.keys()];
  const isFromOne = !given.includes(0) && given.includes(items.length);
  const indexes = given.map((index) => (isFromOne && isNumber(index) ? index - 1 : index));
  const places = new Set<number>();
  for (const [position, index] of indexes.entries()) {
    if (!isNumber(index) || !(index in items) || places.has(index)) {
      throw malformed(`vector ${position + 1} has the index ${String(index)}`);
    }
    places.add(index);
  }
  return [...places];
};

/** Returns the list of vectors of an answer, or `undefined` for an answer of another kind. */
export const vectorListOf = (answer: unknown): readonly unknown[] | undefined => {
  const data = propertyOf(answer, "data");
  return Array.isArray(data) ? data : undefined;
};

/**
 * Reads the vectors of an answer, in the order of the texts; `undefined` for those that are zero or not finite. Base64
 * is not copied.
 *
 * @param count how many texts were sent
 * @throws UnsiloedError `EMBEDDING_FAILED`, retryable, when vectors are missing or unreadable; `INVALID_OPTION` when
 *   the service ignores `dimensions`
 */
export const readAnswer = (
  answer: unknown,
  count: number,
  dimensions: number | undefined,
): (Vector | undefined)[] => {
  const items = vectorListOf(answer);
  if (!items) throw malformed("it has no list of vectors");
  if (items.length !== count) throw malformed(`it has ${items.length} vectors for ${count} texts`);
  const vectors = new Array<Vector | undefined>(count).fill(undefined);
  const places = placesOf(items);
  for (const [position, item] of items.entries()) {
    const vector = toVector(propertyOf(item, "embedding"));
    if (!vector || vector.length === 0) throw malformed(`vector ${position + 1} cannot be read`);
    vectors[places[position] ?? position] = vector;
  }
  checkSizes(vectors, dimensions);
  return vectors.map((vector) => (vector && hasDirection(vector) ? vector : undefined));
};

const checkSizes = (vectors: readonly (Vector | undefined)[], dimensions: number | undefined): void => {
  const [size = 0, other] = new Set(vectors.map((vector) => vector?.length ?? 0));
  if (other !== undefined) throw malformed(`its vectors have ${size} and ${other} dimensions`);
  if (dimensions === undefined || vectors.length === 0 || size === dimensions) return;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `dimensions: expected ${dimensions}, got ${size} from the embedding service; leave the option out for this model`,
  );
};
