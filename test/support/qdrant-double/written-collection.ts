import { expect } from "vitest";
import { QdrantSink, type QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import type { Point } from "../../../src/stores/sink.js";
import { AutoAdvanceClock } from "../clocks/auto-advance-clock.js";
import type { PointChange } from "../sink-data.js";
import { samplePoint } from "./sample-points.js";
import { QdrantDouble, type QdrantDoubleOptions } from "./server.js";

/** The request that writes points into the collection. */
export const WRITE = "PUT /collections/c/points";

export const many = (count: number, change: PointChange = {}): Point[] =>
  Array.from({ length: count }, (_, n) => samplePoint(n, change));

/** A sink on a double of its own, and what it wrote into the collection `c`. */
export class WrittenCollection {
  readonly clock = new AutoAdvanceClock();
  #double: QdrantDouble | undefined;

  get double(): QdrantDouble {
    if (!this.#double) throw new Error("no sink was prepared");
    return this.#double;
  }

  async prepared(server: QdrantDoubleOptions = {}, options: QdrantSinkOptions = {}): Promise<QdrantSink> {
    this.#double = await QdrantDouble.start({ now: () => this.clock.now(), ...server });
    const sink = new QdrantSink({ url: this.double.url, collection: "c", clock: this.clock, ...options });
    await sink.prepare({ dimensions: 4, model: "model-a" });
    return sink;
  }

  stored() {
    return this.double.store.collections.get("c")?.points ?? new Map();
  }

  writes() {
    return this.double.received(WRITE);
  }

  /** Counts the points of each write. */
  sizes() {
    return this.writes().map(({ body }) => (body as { points: unknown[] } | undefined)?.points.length);
  }

  /** Ends the double, after it was asked for nothing that Qdrant would refuse. */
  async close(): Promise<void> {
    expect(this.double.violations).toEqual([]);
    await this.double.close();
  }
}
