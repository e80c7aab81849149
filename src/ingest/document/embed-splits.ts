import { embeddingText } from "../../documents/embedding-text.js";
import type { SplitDocument } from "../../documents/metadata.js";
import { embedIsolating } from "../../embeddings/isolate.js";
import { type EmbedOptions, embedFloatsOf } from "../../embeddings/model.js";
import type { UnsiloedError } from "../../errors.js";
import type { Vector } from "../../internal/float32.js";
import type { RunContext } from "../run/run-context.js";
import { asError, type SourceState } from "./document-context.js";

type Embed = (texts: string[], options: EmbedOptions) => Promise<readonly Vector[]>;

export interface EmbeddedSplits {
  /** One entry for each split, in order; `undefined` for those that failed. */
  vectors: (Vector | undefined)[];
  /** Why, by the index of the split. */
  failures: ReadonlyMap<number, UnsiloedError>;
}

/** A document of so many texts, or characters, is a whole one where documents are counted. */
const WHOLE = { texts: 512, characters: 2 ** 18 };

/** Whatever a document holds, it has a claim, a record and calls of its own to keep. */
const SMALLEST_SHARE = 2 ** -6;

/**
 * How much of a seat the splits of a document take, in a run and among those that are embedded at once. Where
 * documents share requests, many small ones are needed to fill one, and hold no more memory than a few large ones.
 */
export const shareOf = (
  splits: readonly Pick<SplitDocument, "pageContent">[],
  { embeddings }: Pick<RunContext, "embeddings">,
): number => {
  if (!embeddings.sharesRequests) return 1;
  const characters = splits.reduce((sum, { pageContent }) => sum + pageContent.length, 0);
  const share = Math.max(splits.length / WHOLE.texts, characters / WHOLE.characters, SMALLEST_SHARE);
  return Math.min(1, share);
};

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
  const vectors: (Vector | undefined)[] = ids.map((id) => reusable.get(id));
  const missing = splits.flatMap((split, index) =>
    vectors[index] ? [] : [{ index, text: embeddingText(split) }],
  );
  emit({ type: "source-embedding", source: source.source, texts: missing.length });
  const embed: Embed = embedFloatsOf(embeddings) ?? embeddings.embedDocuments.bind(embeddings);
  const embedded = await embedIsolating(
    (texts, onVector) => embed(texts, { signal, onVector }),
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
