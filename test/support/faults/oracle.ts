import type { IngestReport } from "../../../src/ingest/run/report.js";
import type { LedgerRecord } from "../../../src/ledger/record.js";
import type { RunEnd, World } from "./world.js";

/** The points and the record of one document, without values that differ in each world and each parse. */
export interface DocumentAsFound {
  points: unknown[];
  record: unknown;
}

export type Found = Record<string, DocumentAsFound>;

const recordAsFound = (record: LedgerRecord | undefined) => {
  if (!record) return undefined;
  const { state, content_hash, parse_hash, stored_content_hash, version, point_ids } = record;
  return {
    state,
    content_hash,
    parse_hash,
    stored_content_hash,
    version,
    point_ids: point_ids.toSorted(),
  };
};

/** Reads the store and the ledger, by document. */
export const lookAt = async (world: World): Promise<Found> => {
  const sink = world.openSink();
  const ledger = world.openLedger();
  const found: Found = {};
  const of = (docId: string) => {
    found[docId] ??= { points: [], record: undefined };
    return found[docId];
  };
  try {
    const records: LedgerRecord[] = [];
    for await (const { docId, record } of ledger.list()) {
      of(docId).record = recordAsFound(record) ?? "unreadable";
      if (record) records.push(record);
    }
    for await (const { id, content, metadata } of sink.readPoints({})) {
      const { job_id: _job, options_hash: _options, ...lasting } = metadata;
      of(metadata.doc_id).points.push({ id, content, metadata: lasting });
    }
    for (const docId of Object.keys(found)) {
      const vectors = new Map<string, string>();
      for await (const { id, vector } of sink.listPoints(docId, { vectors: true }))
        vectors.set(id, (vector ?? []).map((value) => value.toFixed(4)).join());
      const points = of(docId).points.map((point) => ({
        ...Object(point),
        vector: vectors.get(Object(point).id),
      }));
      of(docId).points = points.sort((a, b) => (a.id < b.id ? -1 : 1));
    }
  } catch (thrown) {
    // Before anything was stored there is no collection.
    if (Object(thrown).code !== "COLLECTION_NOT_FOUND") throw thrown;
  } finally {
    await Promise.all([sink.close(), ledger.close()]);
  }
  return found;
};

const isRecord = (value: unknown): value is { state: string } =>
  typeof value === "object" && value !== null && "state" in value;

/** Returns the outcome of a run: `recovered`, or the codes of its failures. */
export const outcomeOf = ({ report, error }: RunEnd): string => {
  const codes = new Set<string>(error ? [error.code] : report?.failures.map(({ code }) => code));
  return codes.size === 0 ? "recovered" : [...codes].join(" and ");
};

/** Returns the state of a document in the ledger. */
export const stateOf = (found: Found, docId: string): string => {
  const record = found[docId]?.record;
  return isRecord(record) ? record.state : record === undefined ? "none" : "unreadable";
};

/** Describes counts of a report that are not balanced. */
export const imbalanceOf = (report: IngestReport, sources: number): string[] => {
  const { total, stored, filtered, failed } = report.segments;
  const left = Object.values(filtered).reduce((sum, count) => sum + count, 0);
  const named = new Set(report.failures.map(({ doc_id }) => doc_id)).size;
  return [
    ...(total === stored + left + failed ? [] : [`segments: ${JSON.stringify(report.segments)}`]),
    ...(report.sources.total === sources
      ? []
      : [`sources: ${JSON.stringify(report.sources)}, expected ${sources}`]),
    ...(report.sources.succeeded + report.sources.failed + report.sources.unfinished === report.sources.total
      ? []
      : [`sources do not add up: ${JSON.stringify(report.sources)}`]),
    ...(report.sources.failed === named ? [] : [`${report.sources.failed} failed, ${named} named`]),
    ...report.failures
      .filter(({ stage, code, message }) => !stage || !code || !message)
      .map((failure) => `nameless failure: ${JSON.stringify(failure)}`),
  ];
};

/** Describes documents whose points contradict the ledger or the report. */
export const findLies = (report: IngestReport, found: Found, expected: Found): string[] => {
  const failed = new Set(report.failures.map(({ doc_id }) => doc_id));
  return Object.keys(expected).flatMap((docId) => {
    const state = stateOf(found, docId);
    const isWhole = JSON.stringify(found[docId]?.points) === JSON.stringify(expected[docId]?.points);
    if (state === "stored" && !isWhole)
      return [`${docId}: stored by the ledger, but the store holds other points`];
    if (failed.has(docId)) return state === "stored" ? [`${docId}: failed, but stored by the ledger`] : [];
    if (report.sources.unfinished > 0) return [];
    return isWhole ? [] : [`${docId}: succeeded, but the store holds other points (ledger: ${state})`];
  });
};

/** Returns documents that the service accepted more than once for the same content. */
export const paidTwice = (world: World, allowed = 1): string[] => {
  const counts = new Map<string, number>();
  for (const { fileName, sha256, via } of world.emulator.jobs) {
    if (via === "added") continue;
    const key = `${fileName} ${sha256}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > allowed).map(([key]) => key);
};
