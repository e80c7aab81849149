import { UnsiloedError } from "../errors.js";
import type { Vector } from "../internal/numbers/float32.js";
import { propertyOf } from "../internal/objects.js";
import type { EmbedOptions } from "./model.js";
import { wrongCount } from "./texts.js";

/** HTTP statuses for a request whose content is at fault: malformed, too large, unprocessable. */
const CONTENT_STATUSES: readonly unknown[] = [400, 413, 422];

/** Receives a vector before the end of a call, with the index of its text. */
export type OnVector = NonNullable<EmbedOptions["onVector"]>;

export interface IsolatedEmbeddings {
  /** One entry for each text, in order; `undefined` for those that failed. */
  vectors: (Vector | undefined)[];
  /** The texts that failed, in order. */
  failures: { index: number; error: unknown }[];
}

/**
 * Whether an error blames the texts rather than the service, the key or the network, so that a call with fewer texts may
 * succeed. Errors of other libraries are judged by their `status`.
 */
export const blamesTexts = (error: unknown): boolean => {
  if (error instanceof UnsiloedError) {
    return !error.retryable && (error.code === "EMBEDDING_FAILED" || error.code === "INPUT_TOO_LONG");
  }
  return error instanceof Error && CONTENT_STATUSES.some((status) => status === propertyOf(error, "status"));
};

/**
 * Embeds texts so that a bad one fails alone: a batch refused for its content is halved until only the bad text is left.
 * One bad text among n costs about 2 · log₂ n calls. A service that refuses calls as a whole embeds no text twice.
 *
 * Vectors that `onVector` received before a call failed are kept, and their texts are not sent again.
 *
 * @param embed embeds a batch, such as `(texts) => embeddings.embedDocuments(texts)` of any LangChain embeddings
 * @throws any error of `embed` that does not blame the texts, such as a refused key or an aborted signal; UnsiloedError
 *   `EMBEDDING_FAILED` when the number of vectors differs from the number of texts
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
    const indices = batch;
    const keep: OnVector = (index, vector) => {
      const at = indices[index];
      if (at !== undefined) vectors[at] = vector;
    };
    try {
      const embedded = await embed(
        indices.map((at) => texts[at] ?? ""),
        keep,
      );
      if (embedded.length !== indices.length) throw wrongCount(embedded.length, indices.length);
      for (const [index, at] of indices.entries()) vectors[at] = embedded[index];
    } catch (error) {
      if (!blamesTexts(error)) throw error;
      const left = indices.filter((at) => vectors[at] === undefined);
      const middle = Math.ceil(left.length / 2);
      const [index] = left;
      if (left.length === 1 && index !== undefined) failures.push({ index, error });
      else if (left.length > 1) waiting.push(left.slice(middle), left.slice(0, middle));
    }
  }
  return { vectors, failures };
};
