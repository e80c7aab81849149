import type { DocumentSource } from "../documents/source.js";
import { type ChangeOptions, openChanges } from "../ingest/changed-sources.js";
import { throwIfAborted } from "../internal/async/clock.js";
import { streamBatches } from "../internal/batching.js";
import type { QueuedDocument } from "../queue/queue.js";
import { BATCH, type PostgresState } from "./postgres-state.js";
import { describeSource } from "./queued-source.js";

/** Options of {@link enqueueSources}. */
export interface EnqueueOptions
  extends Pick<ChangeOptions, "filter" | "refresh" | "verify" | "signal">,
    Partial<Pick<ChangeOptions, "sink" | "splitter">> {
  /** Where the documents go. It stays open. */
  state: PostgresState;
  /**
   * Says what the queue holds of a source, for the `findSource` of a worker. What is secret in it is gone once the document
   * has ended.
   * @default describeSource: name and path, without the signature of an address
   */
  describe?: ((source: DocumentSource) => QueuedDocument) | undefined;
}

/** What became of sources; together, all of them. */
export interface Enqueued {
  /** Documents that were added to the queue. */
  enqueued: number;
  /** Documents that waited already, or are worked on. */
  alreadyQueued: number;
  /** Documents that are stored as they are, so that there is nothing to do. */
  unchanged: number;
}

/**
 * Adds the documents of sources to the queue, except those that are stored as they are: by the decision of `ingest`, with
 * the same `sink`, `splitter` and `filter` as the workers have. Without a `sink` and `splitter`, all are added.
 *
 * Sources are read as they come and compared with the ledger a thousand at a time, so that a listing of any size is never
 * in memory. Enqueuing again adds nothing that waits already, and a process that was killed leaves whole documents.
 *
 * @throws UnsiloedError `ABORTED`; what the store and the ledger throw
 * @example
 * ```ts
 * const loader = new UnsiloedFileLoader("s3://bucket/contracts");
 * console.log(await enqueueSources(loader.sources(), { state, sink, splitter: new SegmentSplitter() }));
 * ```
 */
export const enqueueSources = async (
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  {
    state,
    sink,
    splitter,
    describe = (source) => describeSource(source, source.source),
    ...options
  }: EnqueueOptions,
): Promise<Enqueued> => {
  const { ledger } = state;
  const changes = sink && splitter && (await openChanges({ ...options, sink, splitter, ledger }));
  await state.forgetSettled();
  const total: Enqueued = { enqueued: 0, alreadyQueued: 0, unchanged: 0 };
  for await (const batch of streamBatches(sources, BATCH)) {
    throwIfAborted(options.signal);
    const changed = changes ? await changes(batch) : batch;
    const enqueued = await state.enqueue(changed.map((source) => ({ source, queued: describe(source) })));
    total.enqueued += enqueued;
    total.alreadyQueued += changed.length - enqueued;
    total.unchanged += batch.length - changed.length;
  }
  return total;
};
