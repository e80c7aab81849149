import { embeddingText } from "../documents/embedding-text.js";
import type { SplitDocument } from "../documents/metadata.js";
import { embedIsolating } from "../embeddings/isolate.js";
import type { UnsiloedError } from "../errors.js";
import type { RunContext } from "./run-context.js";
import { asError, type SourceState } from "./source-state.js";

export interface EmbeddedSplits {
  /** One entry for each split, in order; `undefined` for those that failed. */
  vectors: (readonly number[] | undefined)[];
  /** Why, by the index of the split. */
  failures: ReadonlyMap<number, UnsiloedError>;
}

/**
 * The vectors of splits, those that are there already included.
 *
 * @param ids the point of each split
 * @param reusable vectors by point
 */
export const embedSplits = async (
  splits: readonly SplitDocument[],
  ids: readonly string[],
  reusable: ReadonlyMap<string, readonly number[]>,
  { source, signal }: SourceState,
  { embeddings, emit, breaker }: RunContext,
): Promise<EmbeddedSplits> => {
  const vectors = ids.map((id) => reusable.get(id));
  const missing = splits.flatMap((split, index) =>
    vectors[index] ? [] : [{ index, text: embeddingText(split) }],
  );
  emit({ type: "source-embedding", source: source.source, texts: missing.length });
  const embedded = await embedIsolating(
    (texts) => embeddings.embedDocuments(texts, { signal }),
    missing.map(({ text }) => text),
  );
  const failures = new Map<number, UnsiloedError>();
  for (const [position, { index }] of missing.entries()) vectors[index] = embedded.vectors[position];
  for (const { index: position, error } of embedded.failures) {
    const split = missing[position];
    if (split) failures.set(split.index, asError(error, "embed"));
  }
  const reused = splits.length - missing.length;
  emit({ type: "source-embedded", source: source.source, embedded: missing.length, reused });
  if (missing.length > 0) breaker.succeeded("embed");
  return { vectors, failures };
};
