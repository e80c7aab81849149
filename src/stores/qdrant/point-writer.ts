import { UnsiloedError } from "../../errors.js";
import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { WeightedSemaphore } from "../../internal/async/weighted-semaphore.js";
import { batches } from "../../internal/batching.js";
import type { Point, SinkCallOptions } from "../sink.js";
import type { QdrantConnection } from "./http/connection.js";
import { isBrokenConnection, isTooLarge } from "./http/errors.js";
import type { QdrantSettings } from "./options.js";
import type { PointLayout } from "./points/points.js";
import { cutBody, type PointsBody, pointsBodies } from "./points/points-body.js";
import type { StrictMode } from "./strict-mode.js";

const DELETE_BATCH = 1000;

/** A smaller request does not break a connection by its size. */
const SUSPICIOUS_BYTES = 1024 * 1024;

/** Wait before the parts of a refused batch are sent, so that a busy server does not get more requests at once. */
const SPLIT_DELAY_MS = 200;

/** Writes and deletes points, in requests that the server accepts. */
export class PointWriter {
  readonly #connection: QdrantConnection;
  readonly #settings: QdrantSettings;
  readonly #strict: StrictMode;
  /** Limits the writes of all documents together. */
  readonly #limit: WeightedSemaphore;

  constructor(connection: QdrantConnection, settings: QdrantSettings, strict: StrictMode) {
    this.#connection = connection;
    this.#settings = settings;
    this.#strict = strict;
    this.#limit = new WeightedSemaphore(settings.concurrency);
  }

  /** Writes points, of which each id must be given once, because concurrent requests have no order. */
  async upsert(
    points: ReadonlyMap<string, Point>,
    layout: PointLayout,
    options: SinkCallOptions,
  ): Promise<void> {
    const { batchBytes, batchCount, concurrency } = this.#settings;
    const maxCount = Math.min(batchCount, this.#mostPoints);
    const bodies = pointsBodies(points.values(), layout, {
      maxCount,
      maxBytes: batchBytes,
      expected: points.size,
    });
    const send = (body: PointsBody): Promise<void> =>
      this.#limit.run(() => this.#write(body, options), { signal: options.signal });
    await forEachConcurrently(bodies, concurrency, send, options.signal);
  }

  async delete(ids: readonly string[], options: SinkCallOptions): Promise<void> {
    const maxCount = Math.min(DELETE_BATCH, this.#strict.limits.writes);
    for (const batch of batches(ids, { maxCount })) await this.#delete(batch, options);
  }

  /** How many points a write may have under strict mode. */
  get #mostPoints(): number {
    const { upsert, writes } = this.#strict.limits;
    return Math.min(upsert, writes);
  }

  /** Writes a batch, in parts when it is too large for the server. */
  async #write(body: PointsBody, options: SinkCallOptions): Promise<void> {
    const count = body.ends.length;
    const used = this.#strict.limits;
    if (count > this.#mostPoints) return this.#writeParts(body, this.#mostPoints, options);
    const splits = count > 1;
    try {
      await this.#connection.writePoints(body.bytes, { ...options, splits });
    } catch (thrown) {
      if (!splits || !(thrown instanceof UnsiloedError)) throw thrown;
      if (this.#strict.learn(used, thrown)) return this.#write(body, options);
      const suspicious = isBrokenConnection(thrown) && body.bytes.length > SUSPICIOUS_BYTES;
      if (!isTooLarge(thrown) && !suspicious) throw thrown;
      await this.#settings.clock.delay(SPLIT_DELAY_MS, options.signal);
      await this.#writeParts(body, Math.ceil(count / 2), options);
    }
  }

  async #writeParts(body: PointsBody, maxCount: number, options: SinkCallOptions): Promise<void> {
    for (const part of cutBody(body, maxCount)) await this.#write(part, options);
  }

  /** Deletes a batch, in halves when it is too large for the server. */
  async #delete(points: string[], options: SinkCallOptions): Promise<void> {
    const splits = points.length > 1;
    try {
      await this.#connection.write(
        "deleting points",
        (api, init) =>
          api.deletePoints({ collection_name: this.#settings.collection, wait: true, points }, init),
        { ...options, splits },
      );
    } catch (thrown) {
      if (!splits || !(thrown instanceof UnsiloedError) || !isTooLarge(thrown)) throw thrown;
      await this.#settings.clock.delay(SPLIT_DELAY_MS, options.signal);
      const maxCount = Math.ceil(points.length / 2);
      for (const half of batches(points, { maxCount })) await this.#delete(half, options);
    }
  }
}
