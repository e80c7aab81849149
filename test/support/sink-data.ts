import type { Point, PointMetadata, PointVector, StoreMode, VectorSink } from "../../src/stores/sink.js";

/** Data are drawn from this seed; set SINK_SEED to see others. */
export const SEED = Number(process.env["SINK_SEED"] ?? 20_240_229);

export const SPEC = { dimensions: 8, model: "contract-model" };

/** A sink on a new collection that does not exist yet. */
export interface SinkUnderTest {
  sink: VectorSink;
  /** Another sink on the same collection, as another process would have. */
  reopen?: () => Promise<VectorSink>;
  /** Closes every opened sink and removes its data. */
  close: () => Promise<void>;
}

export type OpenSink = () => Promise<SinkUnderTest>;

/** What a sink supports; other cases are skipped by name. */
export interface SinkCapabilities {
  /** @default all */
  modes?: readonly StoreMode[];
  /** `listPoints` and `count`. @default true */
  lists?: boolean;
  /** Filters in searches. @default true */
  filters?: boolean;
  /** Whether the collection, its size and its model outlive the sink. @default true */
  persists?: boolean;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** UUID number `n`, version 5 in form. */
export const idOf = (n: number): string => `00000000-0000-5000-8000-${n.toString(16).padStart(12, "0")}`;

export const metadataOf = (change: Partial<PointMetadata> & Record<string, unknown> = {}): PointMetadata => ({
  source: "report.pdf",
  doc_id: "report.pdf",
  job_id: "job-1",
  chunk_id: null,
  segment_id: null,
  segment_index: 0,
  segment_type: "Text",
  page_number: 1,
  bbox: { left: 10.5, top: 20.25, width: 300, height: 40 },
  confidence: 0.9,
  page_width: 612,
  page_height: 792,
  section_path: ["Report", "Results"],
  loc: { pageNumber: 1 },
  part_index: 0,
  part_count: 1,
  boxes: [{ page_number: 1, bbox: { left: 10.5, top: 20.25, width: 300, height: 40 } }],
  bbox_precision: "segment",
  ocr_confidence: null,
  segment_indices: [0],
  version: "v1",
  ...change,
});

export type PointChange = Partial<Omit<Point, "metadata">> & {
  metadata?: Partial<PointMetadata> & Record<string, unknown>;
};

/** Makes point number `n`; unless given, its vector depends only on `n` and the seed. */
export const pointOf = (n: number, { metadata, ...change }: PointChange = {}): Point => {
  const random = randomNumbers(SEED + n);
  const content = change.content ?? `passage number ${n}`;
  return {
    id: idOf(n),
    vector: Array.from({ length: SPEC.dimensions }, () => random() * 2 - 1),
    content,
    lexical: content,
    ...change,
    metadata: metadataOf(metadata),
  };
};

/** Makes the points `from` to `from + count - 1`. */
export const pointsOf = (count: number, change: (n: number) => PointChange = () => ({}), from = 0): Point[] =>
  Array.from({ length: count }, (_, index) => pointOf(from + index, change(from + index)));

/** Makes a vector in the plane of the first two axes, `degrees` away from the first. */
export const atAngle = (degrees: number): number[] => {
  const radians = (degrees * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians), ...new Array<number>(SPEC.dimensions - 2).fill(0)];
};

/** Cosine of the angle between two vectors. */
export const cosine = (a: PointVector, b: PointVector): number => {
  const dot = (left: PointVector, right: PointVector) =>
    [...left].reduce((sum, value, axis) => sum + value * (right[axis] ?? Number.NaN), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

export const idsOf = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id).sort();
