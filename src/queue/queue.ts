/** A document that is to be ingested. */
export interface QueuedDocument {
  docId: string;
  /** What a worker needs to find the source again: anything that JSON can hold. It is kept until the document has ended. */
  source: Readonly<Record<string, unknown>>;
}

/** A document that a process has taken, until it ends it, gives it back or stops to keep it. */
export interface TakenDocument extends QueuedDocument {
  /** Names the document in the queue. */
  id: string;
  /** How often it was taken before and did not come to an end. With the id it tells this taking from a later one. */
  retries: number;
}

/** How many documents are in a queue. */
export interface QueueCounts {
  /** To be taken, at once or after a pause. */
  waiting: number;
  /** Taken by a process. */
  taken: number;
  /** Given up, as they failed or ended their process too often. */
  dead: number;
}

/** A document that was given up. */
export interface DeadDocument extends QueuedDocument {
  /** Why it failed the last time. */
  reason: string;
  /** When it was given up: a date and time of ISO 8601, in UTC. */
  diedAt: string;
}

/** What people want to know of a queue beside its counts. */
export interface QueueDetails {
  /** How many of the waiting documents failed, and are handed out after a pause. */
  paused: number;
  /** How long the oldest of the waiting documents has waited, in seconds; `null` when none waits. */
  oldestWaitingSeconds: number | null;
  /** Processes that take documents, as far as they were heard of in the last minutes. */
  workers: number;
}

/**
 * Hands out documents to processes, each to one at a time and again until one of them brings it to an end. It only
 * shares the work: what was done with a document is in the ledger, which decides whether there is anything to do.
 *
 * Methods are durable when they resolve, and reject with UnsiloedError `LEDGER_FAILED`.
 */
export interface DocumentQueue {
  /** How long a process has a document without keeping it, in milliseconds. */
  readonly keptMs: number;
  /**
   * Adds documents, except those that wait already or are taken. Those that were given up are so no longer.
   *
   * @returns how many were added
   */
  enqueue(documents: readonly QueuedDocument[]): Promise<number>;
  /** Takes the documents that have waited longest, at most `limit`. */
  take(limit: number): Promise<TakenDocument[]>;
  /** Keeps taken documents from being handed out again; to be called several times in `keptMs`. */
  keep(taken: readonly TakenDocument[]): Promise<void>;
  /** Ends documents: they were stored, or another attempt would not help. */
  done(taken: readonly TakenDocument[]): Promise<void>;
  /** Gives documents back to be taken at once, as if they had not been taken. */
  giveBack(taken: readonly TakenDocument[]): Promise<void>;
  /** Hands out a document again after a pause, which grows; after several times the document is dead. */
  failed(taken: TakenDocument, reason: string): Promise<void>;
  counts(): Promise<QueueCounts>;
  details(): Promise<QueueDetails>;
  /** Lists the documents that were given up. */
  dead(): AsyncIterable<DeadDocument>;
  /** Removes documents that wait or were given up. Those that are taken end by themselves. */
  forget(docIds: readonly string[]): Promise<void>;
  /** Frees what the queue uses, and leaves the documents that are taken. Closing again does nothing. */
  close(): Promise<void>;
}

/**
 * How long a process has a document without keeping it, unless the queue says otherwise. A claim in the ledger must end earlier, so that the next process
 * can have the document.
 */
export const KEPT_MS = 60_000;
