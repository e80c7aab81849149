import type { DocumentSource } from "../documents/source.js";
import { ignoring } from "../internal/async/ignoring.js";
import type { LedgerEntry } from "../ledger/ledger.js";
import { asRecorded, isCurrent, isOfOptions } from "./document/record-state.js";
import { hashOptions, type IngestOptions, ingestSettingsSchema, storedFilter } from "./options.js";
import { compareCounts, countRecorded } from "./run/compare-counts.js";

/** What decides whether a document is as it was stored. */
export interface ChangeOptions
  extends Pick<IngestOptions, "sink" | "splitter" | "filter" | "refresh" | "verify" | "signal"> {
  ledger: NonNullable<IngestOptions["ledger"]>;
}

/**
 * Opens the store, and returns what finds out of sources which a run would have something to do for. The decision is that
 * of the run itself: content, parse options, title and all that changes the points, with the model of the collection.
 *
 * The records of all sources of a call are read at once. A file is hashed only if the rest is as it was; of an object in an
 * object store, the listing has told its tag. What cannot be found out counts as changed, so that a run says why.
 *
 * @throws UnsiloedError what the store and the ledger throw
 */
export const openChanges = async ({
  sink,
  splitter,
  filter,
  refresh = false,
  verify = false,
  ledger,
  signal,
}: ChangeOptions): Promise<(sources: readonly DocumentSource[]) => Promise<DocumentSource[]>> => {
  const spec = (await ignoring("COLLECTION_NOT_FOUND", () => sink.open({ signal })))?.spec;
  if (!spec) return async (sources) => [...sources];
  const settings = ingestSettingsSchema.pick({ filter: true }).parse({ filter });
  const optionsHash = hashOptions({ ...spec, splitter, filter: storedFilter(settings.filter), sink });
  const recorded = await countRecorded(ledger, sink, verify, signal);
  const { trustsLedger } = await compareCounts(recorded, sink, verify, signal);
  const context = { sink, optionsHash, trustsLedger, refresh, signal };

  const isUnchanged = async (source: DocumentSource, record: LedgerEntry["record"]): Promise<boolean> => {
    if (!record || !isOfOptions(source, record, optionsHash)) return false;
    const identity = await source.identify?.({ signal }).catch(() => undefined);
    return isCurrent(source, record, asRecorded(identity, record), context);
  };
  return async (sources) => {
    const known = await ledger.getMany(sources.map(({ docId }) => docId));
    const changed: DocumentSource[] = [];
    for (const source of sources) {
      signal?.throwIfAborted();
      if (!(await isUnchanged(source, known.get(source.docId)?.record))) changed.push(source);
    }
    return changed;
  };
};
