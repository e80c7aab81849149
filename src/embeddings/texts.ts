import { UnsiloedError } from "../errors.js";

const SHOWN_CHARACTERS = 60;

/** Names a text in messages by its position in the call and its beginning. */
export const nameText = (texts: readonly string[], index: number): string => {
  const text = (texts[index] ?? "").replace(/\s+/g, " ");
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return `text ${index + 1} of ${texts.length} (${JSON.stringify(shown)})`;
};

/**
 * Refuses blank texts before anything is sent. They have no meaning to embed: OpenAI answers 400 to an empty text, and
 * the vectors of other models would match any question.
 *
 * @throws UnsiloedError `EMBEDDING_FAILED`, naming the first blank text
 */
export const refuseBlank = (texts: readonly string[]): void => {
  const index = texts.findIndex((text) => text.trim() === "");
  if (index < 0) return;
  throw new UnsiloedError(
    "EMBEDDING_FAILED",
    `text ${index + 1} of ${texts.length} is blank: leave texts without content out before embedding`,
  );
};

/**
 * Makes the error for a vector without a direction, which search cannot find. It is final, because the service would
 * return the same again.
 */
export const unusableVector = (texts: readonly string[], index: number): UnsiloedError =>
  new UnsiloedError(
    "EMBEDDING_FAILED",
    `the embedding service returned a vector of zeros, or one that is not finite, for ${nameText(texts, index)}`,
  );

/** Makes the error for a wrong number of vectors. It is retryable, because the service is at fault and not a text. */
export const wrongCount = (got: number, expected: number): UnsiloedError =>
  new UnsiloedError(
    "EMBEDDING_FAILED",
    `expected one vector for each of the ${expected} texts, got ${got} from the embeddings`,
    { retryable: true },
  );
