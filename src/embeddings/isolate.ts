import { UnsiloedError } from "../errors.js";
import type { Vector } from "../internal/float32.js";
import type { EmbedOptions } from "./model.js";

/** HTTP statuses that blame the content of a request: malformed, too large, unprocessable. */
const CONTENT_STATUSES: readonly unknown[] = [400, 413, 422];

/** Told of a vector that came before the end of a call, and of which of its texts it is. */
export type OnVector = NonNullable<EmbedOptions["onVector"]>;

export interface IsolatedEmbeddings {
  /** One entry for each text, in order; `undefined` for those that failed. */
  vectors: (Vector | undefined)[];
  /** The texts that failed, in order. */
  failures: { index: number; error: unknown }[];
}

/**
 * Whether an error blames the texts, so that fewer of them may pass, rather than the service, the key or the network.
 *
 * Errors of other libraries are judged by their `status`.
 */
export const blamesTexts = (error: unknown): boolean => {
  if (error instanceof UnsiloedError) {
    return !error.retryable && (error.code === "EMBEDDING_FAILED" || error.code === "INPUT_TOO_LONG");
  }
  return error instanceof Error && CONTENT_STATUSES.includes(Reflect.get(error, "status"));
};

/**
 * Embeds texts so that a bad one fails alone: a batch refused for its content is halved until the text to blame is
 * by itself. One bad text among n costs about 2 · log₂ n calls, and no good text is embedded twice by a service that
 * refuses a call as a whole.
 *
 * Vectors told to `onVector` before a call fails are kept, and their texts are not sent again.
 *
 * @param embed embeds a batch, such as `(texts) => embeddings.embedDocuments(texts)` of any LangChain embeddings
 * @throws whatever `embed` throws that does not blame the texts, such as a refused key or an aborted signal; or
 *   UnsiloedError `EMBEDDING_FAILED`, when it gives another number of vectors than there are texts
 * @example
 * ```ts
 * const { vectors, failures } = await embedIsolating((batch) => embeddings.embedDocuments(batch), texts);
 * ```
 */
export const embedIsolating = async (
  embed: (texts: string[], onVector: OnVector) => Promise<readonly Vector[]>,
  texts: readonly string[],
): Promise<IsolatedEmbeddings> => {
  const vectors = new Array<Vector | undefined>(texts.length).fill(undefined);
  const failures: IsolatedEmbeddings["failures"] = [];
  const waiting = texts.length > 0 ? [[...texts.keys()]] : [];
  for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
    const places = batch;
    const keep: OnVector = (index, vector) => {
      const place = places[index];
      if (place !== undefined) vectors[place] = vector;
    };
    try {
      const embedded = await embed(
        places.map((place) => texts[place] ?? ""),
        keep,
      );
      if (embedded.length !== places.length) throw wrongCount(embedded.length, places.length);
      for (const [index, place] of places.entries()) vectors[place] = embedded[index];
    } catch (error) {
      if (!blamesTexts(error)) throw error;
      const left = places.filter((place) => vectors[place] === undefined);
      const middle = Math.ceil(left.length / 2);
      const [index] = left;
      if (left.length === 1 && index !== undefined) failures.push({ index, error });
      else if (left.length > 1) waiting.push(left.slice(middle), left.slice(0, middle));
    }
  }
  return { vectors, failures };
};

/** Retryable, for it is the service that is wrong: halving the batch would only hide it. */
export const wrongCount = (got: number, expected: number): UnsiloedError =>
  new UnsiloedError("EMBEDDING_FAILED", `the embeddings gave ${got} vectors for ${expected} texts`, {
    retryable: true,
  });
