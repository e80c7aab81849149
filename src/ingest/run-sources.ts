import type { DocumentSource } from "../documents/source.js";
import { type Clock, throwIfAborted } from "../internal/async/clock.js";
import { forEachConcurrently } from "../internal/async/concurrency.js";
import { FollowingSignal } from "../internal/async/following-signal.js";
import { type Permit, WeightedSemaphore } from "../internal/async/weighted-semaphore.js";
import { duplicateId } from "./document/id-conflict.js";
import {
  type DocumentOutcome,
  ingestDocument,
  refuseDocument,
  reportUnfinished,
  type Waiting,
} from "./document/ingest-document.js";
import { checkedSources, isStream, type Sources } from "./parts.js";
import type { SourceEnd } from "./run/events.js";
import type { RunContext } from "./run/run-context.js";

/** How long a document that waits for a claim is left alone. */
const RECHECK_MS = 500;

/** How many documents may wait for claims while others are taken in their place. */
const MOST_WAITING = 1000;

/**
 * Ingests sources side by side, each taken only when it can be worked on at once. Documents that wait for a claim make
 * room for others, up to {@link MOST_WAITING}.
 *
 * Memory stays bounded for a stream without end: a document that ended is forgotten, as the ledger tells whether there
 * is anything to do when it comes again. Of a list, which is in memory anyway, and without a ledger, each document is
 * ingested once.
 *
 * @param concurrency how many documents are worked on at once
 * @throws UnsiloedError `ABORTED` when the run's signal aborts
 */
export const runSources = async (
  sources: Sources,
  context: RunContext,
  { concurrency, clock }: { concurrency: number; clock: Clock },
): Promise<void> => {
  const { breaker, ledger, signal, drain, emit } = context;
  const forgets = isStream(sources) && ledger !== undefined;
  const named = new Map<string, string>();
  const claims = new AwaitedClaims(context, clock);
  const waitingRoom = new WeightedSemaphore(MOST_WAITING);
  const resumed = new WeightedSemaphore(concurrency);
  const isEnding = () => breaker.isOpen || drain?.aborted === true;

  const attempt = async (source: DocumentSource, permit: Permit): Promise<DocumentOutcome> => {
    const outcome = isEnding()
      ? reportUnfinished(source, context)
      : await ingestDocument(source, permit, context);
    throwIfAborted(signal);
    return outcome;
  };
  const waitAndResume = async (source: DocumentSource, waiting: Waiting, permit: Permit) => {
    emit({ type: waiting.type, source: source.source, doc_id: source.docId });
    // Beyond that number, a document keeps its permit, so that no others are taken.
    const place = await waitingRoom.acquire({ signal });
    permit.release();
    try {
      for (let outcome: DocumentOutcome = waiting; ; ) {
        if ("outcome" in outcome) return outcome;
        const { claimId } = outcome;
        if (!isEnding()) await claims.released(claimId);
        // Found out before its turn comes, since a document is hashed again then.
        outcome = await resumed.run(() => attempt(source, permit), { signal });
      }
    } finally {
      place.release();
    }
  };
  const end = (source: DocumentSource, ended: SourceEnd): void =>
    emit({ type: "source-ended", ...ended, source: source.source, doc_id: source.docId });
  const run = async (source: DocumentSource, permit: Permit): Promise<void> => {
    const { docId } = source;
    const other = named.get(docId);
    if (other === source.source) return;
    if (other !== undefined) return end(source, refuseDocument(source, duplicateId(source, other), context));
    named.set(docId, source.source);
    const outcome = await attempt(source, permit);
    const ended = "outcome" in outcome ? outcome : await waitAndResume(source, outcome, permit);
    if (forgets) named.delete(docId);
    end(source, ended);
  };
  await forEachConcurrently(checkedSources(sources, signal), concurrency, run, signal);
  throwIfAborted(signal);
};

/** Claims of others that documents of this run wait for. Each is asked for once at a time, as many may wait for one. */
class AwaitedClaims {
  readonly #awaited = new Map<string, Promise<void>>();
  readonly #context: RunContext;
  readonly #clock: Clock;

  constructor(context: RunContext, clock: Clock) {
    this.#context = context;
    this.#clock = clock;
  }

  /** Resolves once a claim has ended, or the run is ending. @throws UnsiloedError `ABORTED` */
  async released(claimId: string): Promise<void> {
    const awaited = this.#awaited.get(claimId) ?? this.#poll(claimId);
    this.#awaited.set(claimId, awaited);
    await awaited;
  }

  async #poll(claimId: string): Promise<void> {
    const { signal, drain, breaker, ledger } = this.#context;
    const ending = new FollowingSignal(signal, drain);
    try {
      do {
        await this.#clock.delay(RECHECK_MS, ending.signal).catch(() => throwIfAborted(signal));
      } while (!ending.signal.aborted && !breaker.isOpen && (await ledger?.isClaimed(claimId)));
    } finally {
      this.#awaited.delete(claimId);
      ending.release();
    }
  }
}
