import type { PointMetadata } from "../documents/metadata.js";
import type { Clock } from "../internal/async/clock.js";
import { parseOptions } from "../internal/options.js";
import type { Ledger } from "../ledger/ledger.js";
import {
  advance,
  type LedgerRecord,
  newRecord,
  type RecordChange,
  type SegmentCounts,
} from "../ledger/record.js";
import type { ResultArchive, ResultKey } from "../ledger/result-archive.js";
import type { VectorSink } from "../stores/sink.js";
import { ledgerPartsSchema } from "./parts.js";

export interface RepairOptions {
  /** The store, whose points tell what was stored. */
  sink: VectorSink;
  /** The ledger to rebuild. */
  ledger: Ledger;
  /** Kept results, which tell what was parsed. @default none */
  results?: ResultArchive | undefined;
  /** Stops the reading of the store. */
  signal?: AbortSignal | undefined;
  /** Time, as tests may set it. @default the system's clock */
  clock?: Clock | undefined;
}

/** Lists the ids of documents by what became of their records. */
export interface RepairReport {
  /** There was a sound record, which was left as it is. */
  left: string[];
  /** The store holds the whole document: its record now says so. */
  stored: string[];
  /** The store holds a part of it, or a result is kept that was not stored: the next run continues with it. */
  unfinished: string[];
}

type Kept = ResultKey & { jobId: string | null };

/** The points of a document that are of one version. */
interface VersionInStore {
  origin: PointMetadata;
  ids: string[];
  /** `segment_index` of every segment whose text is in the store. */
  segments: Set<number>;
}

/** Reads all versions of all documents in the store; an interrupted replacement leaves a document in two versions. */
const readVersions = async ({ sink, signal }: RepairOptions): Promise<Map<string, VersionInStore[]>> => {
  const documents = new Map<string, VersionInStore[]>();
  for await (const { id, metadata } of sink.readPoints({}, { signal })) {
    // Another program wrote it.
    if (metadata.version === "") continue;
    const versions = documents.get(metadata.doc_id) ?? [];
    documents.set(metadata.doc_id, versions);
    const found = versions.find(({ origin }) => origin.version === metadata.version);
    const version = found ?? { origin: metadata, ids: [], segments: new Set() };
    if (!found) versions.push(version);
    version.ids.push(id);
    for (const index of metadata.segment_indices) version.segments.add(index);
  }
  return documents;
};

const readKept = async ({ results }: RepairOptions): Promise<Map<string, Kept>> => {
  const kept = new Map<string, Kept>();
  for await (const one of results?.list() ?? []) kept.set(one.docId, one);
  return kept;
};

const isSound = async (ledger: Ledger, docId: string): Promise<boolean> =>
  ledger.get(docId).then(
    // One that is only queued says nothing of the points that there may be.
    (record) => record !== undefined && record.state !== "queued",
    () => false,
  );

/** Picks the version that was probably parsed last: the one whose result is kept, else the larger one. */
const latestOf = (versions: readonly VersionInStore[], kept: Kept | undefined): VersionInStore | undefined =>
  versions.find(({ origin }) => kept !== undefined && origin.content_hash === kept.contentHash) ??
  [...versions].sort((a, b) => b.ids.length - a.ids.length)[0];

/** Counts what the store shows of a document's segments. What was left out or flagged is no longer known. */
const countsOf = ({ segments }: VersionInStore): SegmentCounts => ({
  total: segments.size,
  stored: segments.size,
  filtered: {},
  flagged: {},
});

const changeOf = (
  versions: readonly VersionInStore[],
  latest: VersionInStore | undefined,
  kept: Kept | undefined,
  store: string,
): RecordChange => {
  const origin = latest?.origin;
  const isWhole = versions.length === 1 && origin?.point_count === latest?.ids.length;
  const content_hash = origin?.content_hash ?? kept?.contentHash ?? null;
  return {
    state: isWhole ? "stored" : "parsed",
    content_hash,
    parse_hash: origin?.parse_hash ?? kept?.parseHash ?? null,
    options_hash: origin?.options_hash ?? null,
    job_id: origin?.job_id ?? kept?.jobId ?? null,
    version: origin?.version ?? null,
    point_ids: versions.flatMap(({ ids }) => ids),
    store: origin ? store : null,
    stored_content_hash: isWhole ? content_hash : null,
    segments: isWhole && latest ? countsOf(latest) : null,
  };
};

/**
 * Rebuilds a lost or damaged ledger from the points of the store and the kept results. Sound records are left as they
 * are. Documents that were submitted but neither stored nor kept cannot be recovered.
 *
 * @throws UnsiloedError `INVALID_OPTION`; `COLLECTION_NOT_FOUND`, `UNSUPPORTED_SEARCH` when the store cannot list; `LEDGER_VERSION`
 * @example
 * ```ts
 * const { stored, unfinished } = await repairLedger({ sink, ledger, results });
 * ```
 */
export const repairLedger = async (options: RepairOptions): Promise<RepairReport> => {
  const { sink, ledger, clock } = parseOptions(ledgerPartsSchema, options, "repairLedger");
  const inStore = await readVersions(options);
  const kept = await readKept(options);
  const report: RepairReport = { left: [], stored: [], unfinished: [] };
  for (const docId of new Set([...inStore.keys(), ...kept.keys()])) {
    if (await isSound(ledger, docId)) {
      report.left.push(docId);
      continue;
    }
    const versions = inStore.get(docId) ?? [];
    const latest = latestOf(versions, kept.get(docId));
    const change = changeOf(versions, latest, kept.get(docId), sink.description);
    await ledger.put(recordOf(docId, latest?.origin.source ?? docId, change, clock.now()));
    (change.state === "stored" ? report.stored : report.unfinished).push(docId);
  }
  return report;
};

/** Makes a record. The first one is always of a submission; the step after it says what is known. */
const recordOf = (docId: string, source: string, change: RecordChange, now: number): LedgerRecord =>
  advance(newRecord({ docId, source }, { state: "submitting" }, now), change, now);
