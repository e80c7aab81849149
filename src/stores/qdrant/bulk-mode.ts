import { UnsiloedError } from "../../errors.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { currentProcess, hasEnded } from "../../internal/process-identity.js";
import type { SinkCallOptions } from "../sink.js";
import { COLLECTION_METADATA, type CollectionState, type QdrantCollection } from "./collection.js";
import type { QdrantConnection } from "./connection.js";
import { BULK_NOTE, type BulkNote, type Indexing } from "./indexing.js";
import type { QdrantSettings } from "./options.js";

/** In bulk mode `"auto"`, how many points make a first load a large one. */
export const LARGE_LOAD = 50_000;

/**
 * What a server takes when the threshold is not set, in kilobytes: from 1.16, the first with metadata, it is the same
 * for all (`OptimizersConfig` in the OpenAPI file of 1.19). A threshold cannot be unset again.
 */
const SERVER_THRESHOLD = 10_000;

/** Whether a run of another process of this machine, and one that lives, is in bulk mode. */
const isOfAnother = ({ pid, machine }: BulkNote, here = currentProcess()): boolean =>
  machine === here.machine && pid !== here.pid && !hasEnded({ pid, machine }, here);

/**
 * Defers the indexing of vectors while much is written, by `indexing_threshold: 0`, and restores what was set before.
 *
 * It is the threshold and not `hnsw_config.m` because `m: 0` would throw away the indexes that a collection already
 * has, and does nothing to vectors with an `m` of their own.
 *
 * The value to restore stands in the collection's metadata before it is changed, for whoever opens the collection
 * next. Three rules keep it through crashes and several runs at once: a request that sets 0 writes the note as well; a
 * request that removes the note sets the threshold as well (the server applies it first); and a value of 0 is never
 * noted. So 0 without a note is the owner's own.
 */
export class BulkMode {
  readonly #connection: QdrantConnection;
  readonly #collection: QdrantCollection;
  readonly #settings: QdrantSettings;
  #beginning: Promise<void> | undefined;
  /** What this run has to restore, as soon as it may be in the collection. */
  #note: BulkNote | undefined;
  #written = 0;

  constructor(connection: QdrantConnection, collection: QdrantCollection, settings: QdrantSettings) {
    this.#connection = connection;
    this.#collection = collection;
    this.#settings = settings;
  }

  /** Restores what a run has left behind that did not come to its end. */
  async settle({ indexing }: CollectionState, { signal }: SinkCallOptions): Promise<void> {
    if (!indexing.note || isOfAnother(indexing.note)) return;
    const work = () => this.#restore(indexing);
    await untilAborted(() => this.#try("a load that did not end left indexing deferred", work), signal);
  }

  /** Enters bulk mode once that is due. @param points how many are going to be written */
  async beforeWrite(
    points: number,
    { points: stored }: CollectionState,
    { signal }: SinkCallOptions,
  ): Promise<void> {
    const { bulk } = this.#settings;
    if (bulk === false || points === 0) return;
    this.#written += points;
    if (bulk === "auto" && (stored > 0 || this.#written < LARGE_LOAD)) return;
    this.#beginning ??= this.#try("the load goes on without bulk mode", () => this.#begin());
    const begun = this.#beginning;
    await untilAborted(() => begun, signal);
  }

  /** Restores what this run changed, unless another that lives has taken that over. */
  async end(): Promise<void> {
    await this.#beginning;
    this.#beginning = undefined;
    this.#written = 0;
    const own = this.#note;
    this.#note = undefined;
    if (!own) return;
    await this.#try("indexing stays deferred until this collection is opened the next time", async () => {
      const { indexing } = await this.#collection.read({});
      const { threshold, note = threshold === 0 ? own : undefined } = indexing;
      if (note && !isOfAnother(note)) await this.#restore({ ...indexing, note });
    });
  }

  async #begin(): Promise<void> {
    if (!(await this.#connection.atLeast(COLLECTION_METADATA, {}))) {
      throw this.#problem(
        `bulk mode needs Qdrant ${COLLECTION_METADATA} or later, and this is ${this.#connection.versionText}`,
      );
    }
    const { indexing } = await this.#collection.read({});
    const { threshold, note, hidesUnindexed } = indexing;
    if (!note && threshold === 0) return;
    if (hidesUnindexed) {
      throw this.#problem("the collection hides points until they are indexed (prevent_unoptimized)");
    }
    const own = { indexing_threshold: note ? note.indexing_threshold : threshold, ...currentProcess() };
    try {
      await this.#update("noting the indexing threshold", own);
    } catch (thrown) {
      // Where no answer came, the note may be there.
      if (thrown instanceof UnsiloedError && thrown.retryable) this.#note = own;
      throw thrown;
    }
    this.#note = own;
    await this.#update("deferring indexing", own, 0);
  }

  #restore({ threshold, note }: Indexing): Promise<void> {
    // A threshold other than 0 was never changed, or its owner has changed it since.
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

  /** Bulk mode is about speed only: what fails of it is told and stops nothing. */
  async #try(consequence: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError)) throw thrown;
      if (thrown.code === "COLLECTION_NOT_FOUND") return;
      const { code, message, context } = thrown;
      const told = `${consequence}: ${message}`;
      this.#settings.onProblem(new UnsiloedError(code, told, { ...context, cause: thrown }));
    }
  }
}
