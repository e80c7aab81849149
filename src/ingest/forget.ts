import { UnsiloedError } from "../errors.js";
import { type Clock, systemClock } from "../internal/async/clock.js";
import type { Ledger } from "../ledger/ledger.js";
import type { LedgerRecord } from "../ledger/record.js";
import type { ResultArchive } from "../ledger/result-archive.js";
import type { VectorSink } from "../stores/sink.js";
import { RunLedger } from "./run/run-ledger.js";

export interface ForgetTarget {
  sink: VectorSink;
  ledger: Ledger;
  results?: ResultArchive | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
}

/**
 * Removes a document from the store, then its kept result, and from the ledger last: stopped anywhere, doing it again
 * ends in the same state. Its parse job, and what it cost, is forgotten too: ingesting the document again pays again.
 *
 * @returns how many points were deleted, and whether the document was known at all
 * @throws UnsiloedError `CLAIM_LOST` while another run works on the document; what the store throws
 * @example
 * ```ts
 * const { points } = await forgetDocument("contracts/old.pdf", { sink, ledger, results });
 * ```
 */
export const forgetDocument = async (
  docId: string,
  { sink, ledger, results, signal, clock = systemClock }: ForgetTarget,
): Promise<{ points: number; known: boolean }> => {
  const claim = await new RunLedger(ledger, clock).claim({ docId, source: docId });
  if (!claim)
    throw new UnsiloedError(
      "CLAIM_LOST",
      `"${docId}" is being worked on by another run; try again when that is done`,
      {
        retryable: true,
      },
    );
  try {
    const ids = await pointsOf(docId, sink, claim.record, signal);
    if (ids.size > 0) await sink.deletePoints([...ids], { signal });
    const wasKept = (await results?.delete(docId)) ?? false;
    const known = claim.record !== undefined || wasKept || ids.size > 0;
    if (claim.record) await claim.forget();
    return { points: ids.size, known };
  } finally {
    await claim.release();
  }
};

/** What is to be deleted: what the store lists, or what the ledger says where it cannot. */
const pointsOf = async (
  docId: string,
  sink: VectorSink,
  record: LedgerRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<Set<string>> => {
  if (sink.canList === false) return new Set(record?.point_ids);
  const ids = new Set<string>();
  try {
    for await (const { id } of sink.listPoints(docId, { signal })) ids.add(id);
  } catch (thrown) {
    // Where there is no collection, there are no points of it.
    if (!(thrown instanceof UnsiloedError) || thrown.code !== "COLLECTION_NOT_FOUND") throw thrown;
  }
  return ids;
};
