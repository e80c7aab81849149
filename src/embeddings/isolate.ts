import { UnsiloedError } from "../errors.js";

/** HTTP statuses that blame the content of a request: malformed, too large, unprocessable. */
const CONTENT_STATUSES: readonly unknown[] = [400, 413, 422];

export interface IsolatedEmbeddings {
  /** One entry for each text, in order; `undefined` for those that failed. */
  vectors: (number[] | undefined)[];
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
 * @param embed embeds a batch, such as `(texts) => embeddings.embedDocuments(texts)` of any LangChain embeddings
 * @throws whatever `embed` throws that does not blame the texts, such as a refused key or an aborted signal; or
 *   UnsiloedError `EMBEDDING_FAILED`, when it gives another number of vectors than there are texts
 * @example
 * ```ts
 * const { vectors, failures } = await embedIsolating((batch) => embeddings.embedDocuments(batch), texts);
 * ```
 */
export const embedIsolating = async (
  embed: (texts: string[]) => Promise<number[][]>,
  texts: readonly string[],
): Promise<IsolatedEmbeddings> => {
  const vectors = new Array<number[] | undefined>(texts.length).fill(undefined);
  const failures: IsolatedEmbeddings["failures"] = [];
  const waiting = texts.length > 0 ? [{ from: 0, to: texts.length }] : [];
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    const { from, to } = range;
    try {
      const embedded = await embed(texts.slice(from, to));
      if (embedded.length !== to - from) throw wrongCount(embedded.length, to - from);
      for (const [offset, vector] of embedded.entries()) vectors[from + offset] = vector;
    } catch (error) {
      if (!blamesTexts(error)) throw error;
      const middle = from + Math.ceil((to - from) / 2);
      if (middle === to) failures.push({ index: from, error });
      else waiting.push({ from: middle, to }, { from, to: middle });
    }
  }
  return { vectors, failures };
};

/** Retryable, for it is the service that is wrong: halving the batch would only hide it. */
export const wrongCount = (got: number, expected: number): UnsiloedError =>
  new UnsiloedError("EMBEDDING_FAILED", `the embeddings gave ${got} vectors for ${expected} texts`, {
    retryable: true,
  });
