import { UnsiloedError } from "../../errors.js";
import type { Point, SinkCallOptions, StoredPoint, VectorSink } from "../../stores/sink.js";

/** Compares a document as the store holds it now with what it should hold. */
export interface DocumentDiff {
  /** Whether the store already holds exactly the wanted points, in the wanted version. */
  unchanged: boolean;
  /** Ids that the store holds and the document no longer has. */
  stale: string[];
  /** Ids that were there before. */
  known: ReadonlySet<string>;
}

/**
 * Compares what the store holds of a document with what it should hold.
 *
 * @param wanted what the store should hold, and the `recorded` ids, which count where the store cannot list points
 */
export const diffDocument = async (
  sink: VectorSink,
  docId: string,
  wanted: { ids: readonly string[]; version: string; recorded: readonly string[] },
  options: SinkCallOptions,
): Promise<DocumentDiff> => {
  const ids = new Set(wanted.ids);
  // Without a list, everything is written again: the same text has the same id, so no point is stored twice.
  if (sink.canList === false)
    return { unchanged: false, stale: wanted.recorded.filter((id) => !ids.has(id)), known: new Set() };
  const known = new Map<string, StoredPoint>();
  for await (const point of sink.listPoints(docId, options)) known.set(point.id, point);
  const stale = [...known.keys()].filter((id) => !ids.has(id));
  const unchanged = stale.length === 0 && wanted.ids.every((id) => known.get(id)?.version === wanted.version);
  return { unchanged, stale, known: new Set(known.keys()) };
};

/**
 * Reads the vectors that the store holds already. A point's id is made of the text that is embedded, so that the same
 * id needs no second embedding.
 */
export const storedVectors = async (
  sink: VectorSink,
  docId: string,
  ids: ReadonlySet<string>,
  options: SinkCallOptions,
): Promise<Map<string, readonly number[]>> => {
  const vectors = new Map<string, readonly number[]>();
  if (ids.size === 0) return vectors;
  for await (const { id, vector } of sink.listPoints(docId, { ...options, vectors: true })) {
    if (vector && ids.has(id)) vectors.set(id, vector);
  }
  return vectors;
};

/** Writes points. @throws UnsiloedError `INVARIANT` when the store wrote another number of them */
export const writePoints = async (
  sink: VectorSink,
  docId: string,
  points: readonly Point[],
  options: SinkCallOptions,
): Promise<void> => {
  if (points.length === 0) return;
  const written = await sink.upsert(points, options);
  if (written === points.length) return;
  throw new UnsiloedError(
    "INVARIANT",
    `${docId}: ${points.length} points were to be written, but the store wrote ${written}`,
  );
};

export interface Replacement {
  docId: string;
  version: string;
  /** How many points of that version were written. */
  written: number;
  /** Ids to delete, now that the new points are there. */
  stale: readonly string[];
}

/**
 * Ends the replacement of a document whose points were written: counts them, and only then deletes the stale ones.
 * Stopped anywhere, the store holds the old document, the new one or both, and the next run ends in the same state.
 */
export const finishReplacement = async (
  sink: VectorSink,
  { docId, version, written, stale }: Replacement,
  options: SinkCallOptions,
): Promise<void> => {
  if (sink.canList === false) return sink.deletePoints(stale, options);
  const found = written === 0 ? 0 : await sink.count({ docIds: [docId], version }, options);
  if (found !== written) {
    throw new UnsiloedError(
      "INVARIANT",
      `${docId}: ${written} points were written, but the store counts ${found}; run the ingestion again`,
    );
  }
  await sink.deletePoints(stale, options);
};
