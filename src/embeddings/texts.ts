import { UnsiloedError } from "../errors.js";

const SHOWN_CHARACTERS = 60;

/** The name of a text in messages: its place in the call and how it begins. */
export const nameText = (texts: readonly string[], index: number): string => {
  const text = (texts[index] ?? "").replace(/\s+/g, " ");
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return `text ${index + 1} of ${texts.length} (${JSON.stringify(shown)})`;
};

/**
 * Refuses blank texts before anything is sent: a model has nothing to say about them, OpenAI answers 400 to an
 * empty one, and the vectors of other models would be found by any question.
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

/** Final: the service would give the same again. */
export const notFinite = (texts: readonly string[], index: number): UnsiloedError =>
  new UnsiloedError(
    "EMBEDDING_FAILED",
    `the embedding service gave a vector that is not finite for ${nameText(texts, index)}`,
  );
