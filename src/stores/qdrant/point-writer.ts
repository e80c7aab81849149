import { setImmediate } from "node:timers/promises";
import { UnsiloedError } from "../../errors.js";
import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { WeightedSemaphore } from "../../internal/async/weighted-semaphore.js";
import { batches } from "../../internal/batching.js";
import { GroupCommit } from "../group-commit.js";
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

/** What a point weighs beside its text and vector, and what one number of a vector does, in bytes of JSON. */
const POINT_BYTES = 1500;
const NUMBER_BYTES = 13;

const bytesOf = ({ vector, content, lexical }: Point): number =>
  POINT_BYTES + NUMBER_BYTES * vector.length + content.length + lexical.length;

/** Points of small documents, which are written together. */
interface SharedWrites {
  layout: PointLayout;
  points: GroupCommit<Point>;
}

/**
 * Writes and deletes points, in requests that the server accepts. Small writes that wait for their turn share a request,
 * and so do deletions.
 */
export class PointWriter {
  readonly #connection: QdrantConnection;
  readonly #settings: QdrantSettings;
  readonly #strict: StrictMode;
  /** Limits the writes of all documents together. */
  readonly #limit: WeightedSemaphore;
  readonly #deletions: GroupCommit<string>;
  #shared: SharedWrites | undefined;

  constructor(connection: QdrantConnection, settings: QdrantSettings, strict: StrictMode) {
    this.#connection = connection;
    this.#settings = settings;
    this.#strict = strict;
    this.#limit = new WeightedSemaphore(settings.concurrency);
    const limits = { maxWeight: 0, weigh: () => 0, keyOf: (id: string) => id };
    this.#deletions = new GroupCommit(
      this.#inTurn,
      { ...limits, maxCount: () => this.#mostDeletions },
      (ids, signal) => this.#delete(ids, { signal }),
    );
  }

  /** Writes points, of which each id must be given once, because concurrent requests have no order. */
  async upsert(
    points: ReadonlyMap<string, Point>,
    layout: PointLayout,
    options: SinkCallOptions,
  ): Promise<void> {
    const { concurrency } = this.#settings;
    const { signal } = options;
    const shared = this.#sharedWrites(layout);
    const all = [...points.values()];
    const bytes = all.reduce((sum, point) => sum + bytesOf(point), 0);
    // A write that fills more than half of a request is sent by itself.
    if (2 * all.length <= this.#maxCount && 2 * bytes <= this.#settings.batchBytes)
      return untilAborted(() => shared.points.add(all, signal), signal);
    const send = (body: PointsBody): Promise<void> =>
      this.#limit.run(() => this.#write(body, options), { signal });
    await forEachConcurrently(this.#bodies(all, layout), concurrency, send, signal);
  }

  async delete(ids: readonly string[], { signal }: SinkCallOptions): Promise<void> {
    for (const batch of batches(new Set(ids), { maxCount: this.#mostDeletions }))
      await untilAborted(() => this.#deletions.add(batch, signal), signal);
  }

  /** Runs a shared request in its turn, and only after what is ready at the same time has been added to it. */
  readonly #inTurn = (request: () => Promise<void>): Promise<void> =>
    this.#limit.run(async () => {
      await setImmediate();
      await request();
    });

  #sharedWrites(layout: PointLayout): SharedWrites {
    if (this.#shared?.layout === layout) return this.#shared;
    const write = async (points: readonly Point[], signal: AbortSignal | undefined): Promise<void> => {
      for (const body of this.#bodies(points, layout)) await this.#write(body, { signal });
    };
    const { batchBytes: maxWeight } = this.#settings;
    const limits = {
      maxWeight,
      weigh: bytesOf,
      keyOf: ({ id }: Point) => id,
      maxCount: () => this.#maxCount,
    };
    this.#shared = { layout, points: new GroupCommit(this.#inTurn, limits, write) };
    return this.#shared;
  }

  #bodies(points: readonly Point[], layout: PointLayout): Generator<PointsBody> {
    const { batchBytes: maxBytes } = this.#settings;
    return pointsBodies(points, layout, { maxCount: this.#maxCount, maxBytes, expected: points.length });
  }

  get #maxCount(): number {
    return Math.min(this.#settings.batchCount, this.#mostPoints);
  }

  get #mostDeletions(): number {
    return Math.min(DELETE_BATCH, this.#strict.limits.writes);
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
  async #delete(ids: readonly string[], options: SinkCallOptions): Promise<void> {
    const points = [...ids];
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
