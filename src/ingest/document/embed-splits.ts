import { embeddingText } from "../../documents/embedding-text.js";
import type { SplitDocument } from "../../documents/metadata.js";
import { embedIsolating } from "../../embeddings/isolate.js";
import { type EmbedOptions, embedFloatsOf } from "../../embeddings/model.js";
import type { UnsiloedError } from "../../errors.js";
import type { Vector } from "../../internal/float32.js";
import type { RunContext } from "../run/run-context.js";
import { asError, type DocumentRun } from "./document-run.js";

type Embed = (texts: string[], options: EmbedOptions) => Promise<readonly Vector[]>;

export interface EmbeddedSplits {
  /** One entry for each split, in order; `undefined` for those that failed. */
  vectors: (Vector | undefined)[];
  /** The reason, by the index of the split. */
  failures: ReadonlyMap<number, UnsiloedError>;
}

/** Texts, or characters, from which a document has the weight of a whole one. */
const WHOLE = { texts: 512, characters: 2 ** 18 };

/** However small a document is, it has a claim, a record and calls of its own. */
const LEAST_WEIGHT = 2 ** -6;

/**
 * Returns the weight of splits where documents are counted: in a run, and among those that are embedded at once.
 * Where documents share requests, many small ones are needed to fill one, and hold no more memory than a few large
 * ones.
 */
export const weightOf = (
  splits: readonly Pick<SplitDocument, "pageContent">[],
  { embeddings }: Pick<RunContext, "embeddings">,
): number => {
  if (!embeddings.sharesRequests) return 1;
  const characters = splits.reduce((sum, { pageContent }) => sum + pageContent.length, 0);
  const weight = Math.max(splits.length / WHOLE.texts, characters / WHOLE.characters, LEAST_WEIGHT);
  return Math.min(1, weight);
};

/**
 * Embeds splits, except for those whose vectors are there already.
 *
 * @param ids the point of each split
 * @param reusable vectors by point
 * @returns all vectors, the reusable ones included
 */
export const embedSplits = async (
  run: DocumentRun,
  splits: readonly SplitDocument[],
  ids: readonly string[],
  reusable: ReadonlyMap<string, readonly number[]>,
): Promise<EmbeddedSplits> => {
  const { embeddings, breaker } = run.context;
  const { signal } = run;
  const vectors: (Vector | undefined)[] = ids.map((id) => reusable.get(id));
  const missing = splits.flatMap((split, index) =>
    vectors[index] ? [] : [{ index, text: embeddingText(split) }],
  );
  run.emit({ type: "source-embedding", texts: missing.length });
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
  run.emit({ type: "source-embedded", embedded: missing.length, reused });
  // Where nothing was sent, nothing is known about the service.
  if (missing.length > 0) breaker.succeeded("embed");
  return { vectors, failures };
};
