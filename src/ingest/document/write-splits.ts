import { lexicalTexts } from "../../documents/embedding-text.js";
import type { SplitDocument } from "../../documents/metadata.js";
import type { UnsiloedError } from "../../errors.js";
import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { batches } from "../../internal/batching.js";
import { float32Of, listOf, type Vector } from "../../internal/float32.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { Point } from "../../stores/sink.js";
import type { RunContext } from "../run/run-context.js";
import type { SourceState } from "./document-context.js";
import { embedSplits, shareOf } from "./embed-splits.js";
import { writePoints } from "./replace-document.js";

/** Splits that are embedded and written together: about 12 MB of vectors of 1,536 numbers. */
const WINDOW = { maxCount: 1_000 };
/** Of one document, so that a large one fills the requests that may be in flight, and not the memory. */
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
 * Embeds and writes the splits of a document, a part of it at a time: vectors are many times larger than their text,
 * and those of a long document are never in memory together.
 *
 * @returns why splits could not be embedded, by their index; those are not written
 */
export const writeSplits = async (
  state: SourceState,
  { splits, ids, version, reusable }: SplitsToWrite,
  context: RunContext,
): Promise<ReadonlyMap<number, UnsiloedError>> => {
  const { sink, limits, breaker } = context;
  const { signal, claim } = state;
  const { docId } = state.source;
  const lexicals = lexicalTexts(splits);
  const origin = originOf(claim?.record, ids.length);
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
  let failedAt: "embed" | "store" | undefined;
  const inStage = async <T>(stage: "embed" | "store", work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (thrown) {
      failedAt ??= stage;
      throw thrown;
    }
  };
  const writeWindow = async (indices: readonly number[]): Promise<void> => {
    const [from = 0] = indices;
    const to = from + indices.length;
    const part = splits.slice(from, to);
    const embedding = limits.embed.run(shareOf(part, context), () =>
      embedSplits(part, ids.slice(from, to), reusable, state, context),
    );
    const embedded = await inStage("embed", embedding);
    for (const [offset, error] of embedded.failures) failures.set(from + offset, error);
    const points = indices.flatMap((index) => toPoint(index, embedded.vectors[index - from]));
    const writing = limits.store(() => writePoints(sink, docId, points, { signal }));
    await inStage("store", writing);
    breaker.succeeded("store");
  };
  state.stage = "embed";
  try {
    await forEachConcurrently(batches(splits.keys(), WINDOW), WINDOWS_AT_ONCE, writeWindow, signal);
  } catch (thrown) {
    state.stage = failedAt ?? state.stage;
    throw thrown;
  }
  return new Map([...failures].sort(([a], [b]) => a - b));
};

/** What a lost ledger is rebuilt from. */
const originOf = (record: LedgerRecord | undefined, points: number) =>
  record && {
    point_count: points,
    content_hash: record.content_hash,
    parse_hash: record.parse_hash,
    options_hash: record.options_hash,
  };
