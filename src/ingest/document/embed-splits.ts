import { embeddingText } from "../../documents/embedding-text.js";
import type { SplitDocument } from "../../documents/metadata.js";
import { embedIsolating } from "../../embeddings/isolate.js";
import { type EmbedOptions, embedFloatsOf } from "../../embeddings/model.js";
import { UnsiloedError } from "../../errors.js";
import { hasDirection, isFiniteVector, type Vector } from "../../internal/numbers/float32.js";
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
  { sharesRequests = false }: { readonly sharesRequests?: boolean | undefined },
): number => {
  if (!sharesRequests) return 1;
  const characters = splits.reduce((sum, { pageContent }) => sum + pageContent.length, 0);
  const weight = Math.max(splits.length / WHOLE.texts, characters / WHOLE.characters, LEAST_WEIGHT);
  return Math.min(1, weight);
};

/** Says what is wrong with a vector, if it cannot be stored: the store may take it, but no search would find it. */
const problemOf = (
  vector: Vector,
  { embeddings, versionOptions }: Pick<RunContext, "embeddings" | "versionOptions">,
): string | undefined => {
  const { dimensions } = versionOptions;
  if (vector.length !== dimensions) return `${vector.length} numbers, not ${dimensions} as for other texts`;
  if (!isFiniteVector(vector)) return "a vector that is not finite";
  return embeddings.givesZeros || hasDirection(vector) ? undefined : "a vector of zeros";
};

/** Says where in the document a text is that could not be embedded. */
const located = (error: UnsiloedError, { metadata }: SplitDocument): UnsiloedError => {
  const { page_number: page, segment_index: segment } = metadata;
  const where = page > 0 ? `page ${page}, segment ${segment}` : `segment ${segment}`;
  return new UnsiloedError(error.code, `${where}: ${error.message}`, {
    ...error.context,
    retryable: error.retryable,
    cause: error.cause ?? error,
  });
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
  const fail = (position: number, error: UnsiloedError): void => {
    const { index = -1 } = missing[position] ?? {};
    const split = splits[index];
    if (split) failures.set(index, located(error, split));
  };
  for (const [position, { index }] of missing.entries()) {
    const vector = embedded.vectors[position];
    const problem = vector && problemOf(vector, run.context);
    if (problem) fail(position, new UnsiloedError("EMBEDDING_FAILED", `the model returned ${problem}`));
    else vectors[index] = vector;
  }
  for (const { index: position, error } of embedded.failures) fail(position, asError(error, "embed"));
  const reused = splits.length - missing.length;
  run.emit({ type: "source-embedded", embedded: missing.length, reused });
  // Where nothing was sent, nothing is known about the service.
  if (missing.length > 0) breaker.succeeded("embed");
  return { vectors, failures };
};
