import { UnsiloedError } from "../../errors.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { currentProcess, hasEnded } from "../../internal/process-identity.js";
import type { SinkCallOptions } from "../sink.js";
import { COLLECTION_METADATA, type QdrantCollection } from "./collection.js";
import { BULK_NOTE, type BulkNote, type CollectionState, type Indexing } from "./collection-state.js";
import type { QdrantConnection } from "./http/connection.js";
import type { QdrantSettings } from "./options.js";

/** How many points start bulk mode `"auto"`. */
export const LARGE_LOAD = 50_000;

/**
 * The server's default threshold in kilobytes, the same from 1.16 on, the first version with metadata
 * (`OptimizersConfig` in the OpenAPI file of 1.19). A threshold that was set cannot be removed.
 */
const SERVER_THRESHOLD = 10_000;

/** Whether indexing stays deferred: another running process of this machine is in bulk mode, or it was asked for. */
const isKept = (note: BulkNote, here = currentProcess()): boolean =>
  "until" in note || (note.machine === here.machine && note.pid !== here.pid && !hasEnded(note, here));

/**
 * Defers the indexing of vectors during a large load, by `indexing_threshold: 0`, and restores the earlier threshold.
 *
 * It changes the threshold and not `hnsw_config.m`, because `m: 0` would delete existing indexes of the collection and
 * does not affect vectors with an `m` of their own.
 *
 * The earlier threshold is noted in the metadata of the collection before it is changed, so that any sink that opens the
 * collection later can restore it. Three rules keep the note correct through crashes and concurrent runs: a request that
 * sets 0 also writes the note; a request that removes the note also sets the threshold (the server applies it first); a
 * value of 0 is never noted. A threshold of 0 without our note was set by the user.
 */
export class BulkMode {
  readonly #connection: QdrantConnection;
  readonly #collection: QdrantCollection;
  readonly #settings: QdrantSettings;
  #starting: Promise<void> | undefined;
  /** The note of this run, from the moment it may be in the collection. */
  #note: BulkNote | undefined;
  #written = 0;

  constructor(connection: QdrantConnection, collection: QdrantCollection, settings: QdrantSettings) {
    this.#connection = connection;
    this.#collection = collection;
    this.#settings = settings;
  }

  /** Restores the threshold after a run that did not finish. */
  async restoreUnfinished({ indexing }: CollectionState, { signal }: SinkCallOptions): Promise<void> {
    if (!indexing.note || isKept(indexing.note)) return;
    const work = () => this.#restore(indexing);
    await untilAborted(
      () => this.#try("indexing is still deferred by a load that did not finish", work),
      signal,
    );
  }

  /**
   * Starts bulk mode when the load is large enough.
   *
   * @param points how many are about to be written
   */
  async beforeWrite(
    points: number,
    { points: stored }: CollectionState,
    { signal }: SinkCallOptions,
  ): Promise<void> {
    const { bulk } = this.#settings;
    if (bulk === false || points === 0) return;
    this.#written += points;
    if (bulk === "auto" && (stored > 0 || this.#written < LARGE_LOAD)) return;
    this.#starting ??= this.#try("the load continues without bulk mode", () => this.#start());
    const starting = this.#starting;
    await untilAborted(() => starting, signal);
  }

  /** Restores what this run changed, unless another running process has noted it as well. */
  async end(): Promise<void> {
    await this.#starting;
    this.#starting = undefined;
    this.#written = 0;
    const own = this.#note;
    this.#note = undefined;
    if (!own) return;
    await this.#try("indexing stays deferred until the collection is opened again", async () => {
      const { indexing } = await this.#collection.read({});
      const { threshold, note = threshold === 0 ? own : undefined } = indexing;
      if (note && !isKept(note)) await this.#restore({ ...indexing, note });
    });
  }

  /**
   * Defers indexing until {@link resume}, also while sinks are opened and closed.
   *
   * @throws UnsiloedError `STORE_REFUSED` where that cannot be done
   */
  async defer({ indexing }: CollectionState, options: SinkCallOptions): Promise<void> {
    await this.#assertSupported(options);
    this.#assertShowsUnindexed(indexing);
    const { threshold, note } = indexing;
    if (!note && threshold === 0)
      throw this.#problem("indexing is switched off already (indexing_threshold: 0), not by this package");
    const kept: BulkNote = {
      indexing_threshold: note ? note.indexing_threshold : threshold,
      until: "resumed",
    };
    await this.#update("noting the indexing threshold", kept);
    await this.#update("deferring indexing", kept, 0);
  }

  /** Restores the threshold that {@link defer} or a load that did not finish has changed. */
  async resume({ indexing }: CollectionState): Promise<void> {
    if (indexing.note) await this.#restore(indexing);
  }

  async #assertSupported(options: SinkCallOptions): Promise<void> {
    if (await this.#connection.atLeast(COLLECTION_METADATA, options)) return;
    throw this.#problem(
      `bulk mode needs Qdrant ${COLLECTION_METADATA} or later, and this is ${this.#connection.versionText}`,
    );
  }

  #assertShowsUnindexed({ hidesUnindexed }: Indexing): void {
    if (hidesUnindexed)
      throw this.#problem("the collection hides points until they are indexed (prevent_unoptimized)");
  }

  async #start(): Promise<void> {
    await this.#assertSupported({});
    const { indexing } = await this.#collection.read({});
    const { threshold, note } = indexing;
    if (note ? "until" in note : threshold === 0) return;
    this.#assertShowsUnindexed(indexing);
    const own = { indexing_threshold: note ? note.indexing_threshold : threshold, ...currentProcess() };
    try {
      await this.#update("noting the indexing threshold", own);
    } catch (thrown) {
      // Without an answer, the note may have been written.
      if (thrown instanceof UnsiloedError && thrown.retryable) this.#note = own;
      throw thrown;
    }
    this.#note = own;
    await this.#update("deferring indexing", own, 0);
  }

  #restore({ threshold, note }: Indexing): Promise<void> {
    // A threshold other than 0 was never changed, or the user has changed it since.
    const value = threshold === 0 ? (note?.indexing_threshold ?? SERVER_THRESHOLD) : threshold;
    return this.#update("restoring the indexing threshold", null, value ?? SERVER_THRESHOLD);
  }

  async #update(action: string, note: BulkNote | null, threshold?: number): Promise<void> {
    const change = {
      collection_name: this.#settings.collection,
      metadata: { [BULK_NOTE]: note },
      ...(threshold !== undefined && { optimizers_config: { indexing_threshold: threshold } }),
    };
    await this.#connection.call(action, (api, init) => api.updateCollection(change, init));
  }

  #problem(message: string): UnsiloedError {
    return new UnsiloedError("STORE_REFUSED", `collection "${this.#settings.collection}": ${message}`);
  }

  /** Reports errors and continues, because bulk mode affects speed only. */
  async #try(consequence: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError)) throw thrown;
      if (thrown.code === "COLLECTION_NOT_FOUND") return;
      const { code, message, context } = thrown;
      const text = `${consequence}: ${message}`;
      this.#settings.onProblem(new UnsiloedError(code, text, { ...context, cause: thrown }));
    }
  }
}
