import type { DocumentSource } from "../documents/source.js";
import { messageOf, UnsiloedError } from "../errors.js";
import { endsRuns } from "../ingest/run/circuit-breaker.js";
import type { IngestEvent, SourceEnd } from "../ingest/run/events.js";
import { type Clock, systemClock } from "../internal/async/clock.js";
import type { DocumentQueue, TakenDocument } from "../queue/queue.js";

/** Documents that are taken in one call. They are worked on one after the other as the pipeline has room. */
const TAKEN_AT_ONCE = 8;

/** How long an empty queue is left alone. */
const POLL_MS = 1000;

/** Options of {@link QueueWorker}. */
export interface QueueWorkerOptions {
  /** Finds the source of a document again. Rejecting with what holds for every document, such as a refused key, ends the run. */
  findSource: (document: TakenDocument) => Promise<DocumentSource>;
  /** Ends the stream: nothing more is taken. */
  drain: AbortSignal;
  /** Ends the stream once no document waits or is worked on, here or by another worker. @default false */
  untilEmpty?: boolean | undefined;
  /** Is told what the queue refused; the documents concerned are handed out again later. */
  onProblem: (problem: UnsiloedError) => void;
  clock?: Clock | undefined;
}

/** What becomes of a document in the queue. */
type Settlement = "done" | "failed" | "giveBack";

/**
 * Decides what becomes of a document whose work has ended. What the ledger remembers as failed for good is done: only
 * `retry` helps. A document that failed for a reason that holds for every other, such as a refused key, is given back.
 */
const settlementOf = ({ outcome, code, retryable }: SourceEnd): Settlement => {
  if (outcome === "unfinished" || (code !== null && endsRuns(code))) return "giveBack";
  return outcome === "failed" && retryable ? "failed" : "done";
};

/**
 * Takes documents from a queue for one run of `ingest`, as the run asks for them, and tells the queue what became of
 * each: {@link sources} is the stream that the run reads, {@link onEvent} listens to the run, and {@link close} gives
 * back what is left.
 */
export class QueueWorker {
  readonly #queue: DocumentQueue;
  readonly #options: QueueWorkerOptions;
  readonly #clock: Clock;
  /** Taken documents, by their ids: those that wait here and those that are worked on. */
  readonly #taken = new Map<string, TakenDocument>();
  readonly #settling = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #ending: AbortController = new AbortController();

  constructor(queue: DocumentQueue, options: QueueWorkerOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    if (options.drain.aborted) this.#ending.abort();
    options.drain.addEventListener("abort", () => this.#ending.abort(), { signal: this.#closing.signal });
    void this.#keepTaken();
  }

  /** How many documents are worked on here, or wait to be. */
  get taken(): number {
    return this.#taken.size;
  }

  /** Yields sources until the queue is empty, if that is asked for, the run stops, or `drain` aborts. */
  async *sources(): AsyncGenerator<DocumentSource> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const documents = await this.#queue.take(TAKEN_AT_ONCE);
      // One that is worked on here is handed out again when it could not be kept in time; the work continues.
      const added = documents.filter(({ docId }) => !this.#taken.has(docId));
      for (const document of documents) this.#taken.set(document.docId, document);
      for (const document of added) {
        const source = signal.aborted ? undefined : await this.#sourceOf(document);
        if (source) yield source;
      }
      if (documents.length > 0) continue;
      if (this.#options.untilEmpty && (await this.#isEmpty())) return;
      await this.#clock.delay(POLL_MS, signal).catch(() => undefined);
    }
  }

  /** Listens to the events of the run. */
  readonly onEvent = (event: IngestEvent): void => {
    if (event.type !== "source-ended") return;
    // The run has stopped, or has used up its credits: others would be unfinished, too.
    if (event.outcome === "unfinished") this.#ending.abort();
    const document = this.#taken.get(event.doc_id);
    if (document) this.#settle(document, settlementOf(event), event.code ?? "");
  };

  /** Waits for what the queue is being told, and gives back what is left. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#closing.abort();
    for (const document of [...this.#taken.values()]) this.#settle(document, "giveBack");
    await Promise.all(this.#settling);
  }

  /** Tells whether no document is left: also none of another worker, which may end without finishing it. */
  async #isEmpty(): Promise<boolean> {
    if (this.#taken.size > 0) return false;
    const { waiting, taken } = await this.#queue.counts();
    return waiting + taken === 0;
  }

  async #sourceOf(document: TakenDocument): Promise<DocumentSource | undefined> {
    try {
      return await this.#options.findSource(document);
    } catch (thrown) {
      // A reason that holds for every document ends the run.
      const isOfAll = thrown instanceof UnsiloedError && endsRuns(thrown.code);
      this.#settle(document, isOfAll ? "giveBack" : "failed", messageOf(thrown));
      if (isOfAll) throw thrown;
      this.#report(thrown, document);
      return undefined;
    }
  }

  #settle(document: TakenDocument, settlement: Settlement, reason = ""): void {
    this.#taken.delete(document.docId);
    const settling =
      settlement === "failed" ? this.#queue.failed(document, reason) : this.#queue[settlement]([document]);
    const ended: Promise<void> = settling
      .catch((thrown: unknown) => this.#report(thrown, document))
      .finally(() => this.#settling.delete(ended));
    this.#settling.add(ended);
  }

  async #keepTaken(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#clock.delay(this.#queue.keptMs / 3, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#queue.keep([...this.#taken.values()]).catch((thrown: unknown) => this.#report(thrown));
    }
  }

  #report(thrown: unknown, document?: TakenDocument): void {
    const error =
      thrown instanceof UnsiloedError ? thrown : new UnsiloedError("UNEXPECTED", messageOf(thrown));
    const message = `queue: ${document ? `${document.docId}: ` : ""}${error.message}`;
    this.#options.onProblem(new UnsiloedError(error.code, message, { cause: thrown }));
  }
}
