import { UnsiloedError } from "../../errors.js";
import type { Point, SinkCallOptions, StoredPoint, VectorSink } from "../../stores/sink.js";

/** Compares a document as the store holds it now with what it should hold. */
export interface DocumentDiff {
  /** Whether the store already holds exactly the wanted points, in the wanted version. */
  unchanged: boolean;
  /** Ids that the store holds and the document no longer has. */
  stale: string[];
  /** The points that were there before, by id. */
  known: ReadonlyMap<string, StoredPoint>;
}

/** What the store should hold of a document. */
export interface WantedPoints {
  ids: readonly string[];
  version: string;
  /** Ids in the ledger, which count where the store cannot list points. */
  recorded: readonly string[];
  /** The version in the ledger, if it is known to be another one. */
  replaces?: string | null | undefined;
  /** Whether the store holds nothing of the document, so that it need not be asked. */
  isNew?: boolean;
}

/**
 * Compares what the store holds of a document with what it should hold. Where the ledger tells that the document has
 * changed and most of its texts stay, their vectors are read in the same listing.
 */
export const diffDocument = async (
  sink: VectorSink,
  docId: string,
  { ids, version, recorded, replaces, isNew = false }: WantedPoints,
  options: SinkCallOptions,
): Promise<DocumentDiff> => {
  const wanted = new Set(ids);
  const isStale = (id: string) => !wanted.has(id);
  if (isNew) return { unchanged: ids.length === 0, stale: [], known: new Map() };
  // Without a list, everything is written again: the same text has the same id, so no point is stored twice.
  if (sink.canList === false) return { unchanged: false, stale: recorded.filter(isStale), known: new Map() };
  const mostStay = 2 * recorded.filter((id) => wanted.has(id)).length > recorded.length;
  const vectors = replaces != null && replaces !== version && mostStay;
  const known = new Map<string, StoredPoint>();
  for await (const point of sink.listPoints(docId, { ...options, vectors })) known.set(point.id, point);
  const stale = [...known.keys()].filter(isStale);
  const unchanged = stale.length === 0 && ids.every((id) => known.get(id)?.version === version);
  return { unchanged, stale, known };
};

/**
 * Returns the vectors of points that stay, which the store holds already. A point's id is made of the text that is
 * embedded, so that the same id needs no second embedding.
 */
export const storedVectors = async (
  sink: VectorSink,
  docId: string,
  { ids, known }: Pick<WantedPoints, "ids"> & Pick<DocumentDiff, "known">,
  options: SinkCallOptions,
): Promise<Map<string, readonly number[]>> => {
  const vectors = new Map<string, readonly number[]>();
  const kept = new Set(ids.filter((id) => known.has(id)));
  const take = ({ id, vector }: StoredPoint) => {
    if (vector && kept.has(id)) vectors.set(id, vector);
  };
  for (const point of known.values()) take(point);
  if (vectors.size === kept.size) return vectors;
  const only = kept.size < known.size ? { ids: [...kept] } : {};
  for await (const point of sink.listPoints(docId, { ...options, ...only, vectors: true })) take(point);
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
  /** The ids of the new version, where the document was taken to be new to the store. */
  newIds?: readonly string[] | undefined;
  /** Makes sure that the document is still this run's to change. */
  confirm?: (() => Promise<void>) | undefined;
}

/**
 * Ends the replacement of a document whose points were written: counts them, and only then deletes the stale ones.
 * Stopped anywhere, the store holds the old document, the new one or both, and the next run ends in the same state.
 *
 * @returns how many points were deleted
 */
export const finishReplacement = async (
  sink: VectorSink,
  { docId, version, written, stale, newIds, confirm }: Replacement,
  options: SinkCallOptions,
): Promise<number> => {
  if (sink.canList !== false && written > 0) {
    // Of a new document all points are counted, so that those show that another writer has stored since the run began.
    const filter = { docIds: [docId], ...(newIds === undefined && { version }) };
    const found = await sink.count(filter, options);
    if (newIds !== undefined && found !== written) {
      const diff = await diffDocument(sink, docId, { ids: newIds, version, recorded: [] }, options);
      return finishReplacement(sink, { docId, version, written, stale: diff.stale, confirm }, options);
    }
    if (found !== written) {
      throw new UnsiloedError(
        "INVARIANT",
        `${docId}: ${written} points were written, but the store counts ${found}; run the ingestion again`,
      );
    }
  }
  await confirm?.();
  await sink.deletePoints(stale, options);
  return stale.length;
};
