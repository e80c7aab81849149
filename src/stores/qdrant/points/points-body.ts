import type { Point } from "../../sink.js";
import { floatsCapacity, writeFloats } from "./float-digits.js";
import { payloadJson } from "./layouts.js";
import { type PointLayout, sparseJson } from "./points.js";

const HEAD = Buffer.from('{"points":[');
const TAIL = Buffer.from("]}");
const COMMA = 0x2c;

const FIRST_CAPACITY = 64 * 1024;
/** Room above the estimate that all points are as long as the first. */
const SLACK = 1.05;
/** The most bytes of UTF-8 for one unit of a text. */
const BYTES_PER_UNIT = 3;

/** Points as the body of `PUT /collections/{c}/points`, in the very bytes that are sent. */
export interface PointsBody {
  bytes: Buffer;
  /** Where each point ends. */
  ends: readonly number[];
}

/** Prints points one after the other into one growing buffer, so that a batch is in memory once. */
class BodyWriter {
  readonly #layout: PointLayout;
  readonly #ends: number[] = [];
  #bytes: Buffer;
  #length = HEAD.length;

  constructor(layout: PointLayout, capacity: number) {
    this.#layout = layout;
    this.#bytes = Buffer.allocUnsafe(Math.max(capacity, FIRST_CAPACITY));
    this.#bytes.set(HEAD);
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Bytes of the whole body. */
  get size(): number {
    return this.#length + TAIL.length;
  }

  add(point: Point): void {
    if (this.count > 0) this.#bytes[this.#length++] = COMMA;
    const sparse = sparseJson(point, this.#layout);
    const { dense, payload } = this.#layout;
    const isNamed = sparse !== undefined || dense !== "";
    this.#text(`{"id":${JSON.stringify(point.id)},"vector":${isNamed ? `{${JSON.stringify(dense)}:` : ""}`);
    this.#reserve(floatsCapacity(point.vector.length));
    this.#length = writeFloats(this.#bytes, this.#length, point.vector);
    if (isNamed) this.#text(sparse === undefined ? "}" : `,${sparse}}`);
    this.#text(',"payload":');
    this.#text(payloadJson(point, payload));
    this.#text("}");
    this.#ends.push(this.#length);
  }

  /** Reserves memory for points like the first, as growing step by step would copy them each time. */
  expect(points: number, mostBytes: number): void {
    const bytes = Math.min(mostBytes, this.#length * points * SLACK);
    this.#reserve(Math.max(0, Math.ceil(bytes) - this.#length));
  }

  /** Moves the last point to a body of its own, as large as this one may become. */
  moveLast(): BodyWriter {
    const next = new BodyWriter(this.#layout, this.#length + FIRST_CAPACITY);
    const end = this.#ends.pop() ?? this.#length;
    this.#length = this.#ends.at(-1) ?? HEAD.length;
    next.#bytes.set(this.#bytes.subarray(this.#length + 1, end), next.#length);
    next.#length += end - this.#length - 1;
    next.#ends.push(next.#length);
    return next;
  }

  finish(): PointsBody {
    this.#bytes.set(TAIL, this.#length);
    return { bytes: this.#bytes.subarray(0, this.size), ends: this.#ends };
  }

  #text(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Reserves memory, including what ends a point and a body. */
  #reserve(bytes: number): void {
    const needed = this.#length + bytes + TAIL.length + 1;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/**
 * Cuts points into bodies within the limits; a point longer than `maxBytes` gets one of its own.
 *
 * @param expected how many points there are, where that is known
 */
export function* pointsBodies(
  points: Iterable<Point>,
  layout: PointLayout,
  { maxCount, maxBytes, expected = 1 }: { maxCount: number; maxBytes: number; expected?: number },
): Generator<PointsBody> {
  let body = new BodyWriter(layout, 0);
  for (const point of points) {
    body.add(point);
    if (body.count === 1) body.expect(Math.min(expected, maxCount), maxBytes);
    if (body.count < 2 || (body.count <= maxCount && body.size <= maxBytes)) continue;
    const next = body.moveLast();
    yield body.finish();
    body = next;
  }
  if (body.count > 0) yield body.finish();
}

/** Cuts a body into several of at most `maxCount` points each. */
export const cutBody = ({ bytes, ends }: PointsBody, maxCount: number): PointsBody[] => {
  const part = (from: number, to: number): PointsBody => {
    const start = from === 0 ? HEAD.length : (ends[from - 1] ?? 0) + 1;
    const end = ends[to - 1] ?? start;
    return {
      bytes: Buffer.concat([HEAD, bytes.subarray(start, end), TAIL]),
      ends: ends.slice(from, to).map((at) => at - start + HEAD.length),
    };
  };
  const count = Math.ceil(ends.length / maxCount);
  return Array.from({ length: count }, (_, index) =>
    part(index * maxCount, Math.min((index + 1) * maxCount, ends.length)),
  );
};
