import { lexicalTexts } from "../../documents/embedding-text.js";
import type { SplitDocument } from "../../documents/metadata.js";
import type { UnsiloedError } from "../../errors.js";
import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { batches } from "../../internal/batching.js";
import { float32Of, listOf, type Vector } from "../../internal/numbers/float32.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { Point } from "../../stores/sink.js";
import type { DocumentRun } from "./document-run.js";
import { embedSplits, weightOf } from "./embed-splits.js";
import { writePoints } from "./replace-document.js";

/** Splits that are embedded and written together: about 12 MB of vectors of 1,536 numbers. */
const WINDOW = { maxCount: 1_000 };
/** Windows of one document at once, so that a large one fills the requests in flight, and not the memory. */
const WINDOWS_AT_ONCE = 4;

export interface SplitsToWrite {
  splits: readonly SplitDocument[];
  /** The point of each split. */
  ids: readonly string[];
  version: string;
  /** Vectors that are there already, by point. */
  reusable: ReadonlyMap<string, readonly number[]>;
}

/**
 * Embeds and writes the splits of a document, a window of them at a time: vectors are many times larger than their
 * text, and those of a long document are never in memory together.
 *
 * @returns why splits could not be embedded, by their index; those are not written
 */
export const writeSplits = async (
  run: DocumentRun,
  { splits, ids, version, reusable }: SplitsToWrite,
): Promise<ReadonlyMap<number, UnsiloedError>> => {
  const { context, signal } = run;
  const { sink, limits } = context;
  const lexicals = lexicalTexts(splits);
  const origin = originOf(run.claim?.record, ids.length);
  const failures = new Map<number, UnsiloedError>();
  const toPoint = (index: number, given: Vector | undefined): Point[] => {
    const split = splits[index];
    const id = ids[index];
    if (!given || !split || id === undefined) return [];
    const vector = sink.takesFloats ? float32Of(given) : listOf(given);
    const { pageContent: content, metadata } = split;
    const lexical = lexicals[index] ?? content;
    return [{ id, vector, content, lexical, metadata: { ...metadata, version, ...origin } }];
  };
  const writeWindow = async (indices: readonly number[]): Promise<void> => {
    const [from = 0] = indices;
    const to = from + indices.length;
    const window = splits.slice(from, to);
    const weight = weightOf(window, context.embeddings);
    const embedded = await run.attribute("embed", () =>
      limits.embed.run(() => embedSplits(run, window, ids.slice(from, to), reusable), { weight, signal }),
    );
    for (const [offset, error] of embedded.failures) failures.set(from + offset, error);
    const points = indices.flatMap((index) => toPoint(index, embedded.vectors[index - from]));
    const write = async (): Promise<void> => {
      await run.claim?.confirm();
      await writePoints(sink, run.source.docId, points, { signal });
    };
    await run.inStage("store", () => limits.store.run(write, { weight: weightOf(window, sink), signal }));
  };
  await run.attribute("embed", () =>
    forEachConcurrently(batches(splits.keys(), WINDOW), WINDOWS_AT_ONCE, writeWindow, signal),
  );
  return new Map([...failures].sort(([a], [b]) => a - b));
};

/** Returns what a lost ledger is rebuilt from. */
const originOf = (record: LedgerRecord | undefined, points: number) =>
  record && {
    point_count: points,
    content_hash: record.content_hash,
    parse_hash: record.parse_hash,
    options_hash: record.options_hash,
  };
