import { UnsiloedError } from "../errors.js";
import type { Clock } from "../internal/async/clock.js";
import { ignoring } from "../internal/async/ignoring.js";
import { parseOptions } from "../internal/options.js";
import type { Ledger } from "../ledger/ledger.js";
import type { LedgerRecord } from "../ledger/record.js";
import type { ResultArchive } from "../ledger/result-archive.js";
import type { VectorSink } from "../stores/sink.js";
import { ledgerPartsSchema } from "./parts.js";
import { RunLedger } from "./run/run-ledger.js";

/** Where a document is to be forgotten. */
export interface ForgetTarget {
  /** The store that holds its points. */
  sink: VectorSink;
  /** The ledger that remembers it. */
  ledger: Ledger;
  /** Where its parse result is kept. @default none */
  results?: ResultArchive | undefined;
  /** Stops before the next step. */
  signal?: AbortSignal | undefined;
  /** Time, as tests may set it. @default the system's clock */
  clock?: Clock | undefined;
}

/**
 * Removes a document from the store, then its kept result, and from the ledger last, so that doing it again after an
 * interruption ends in the same state. Its parse job is forgotten too: ingesting the document again pays again.
 *
 * @returns how many points were deleted, and whether the document was known at all
 * @throws UnsiloedError `INVALID_OPTION`; `CLAIM_LOST` while another run works on the document; what the store throws
 * @example
 * ```ts
 * const { points } = await forgetDocument("contracts/old.pdf", { sink, ledger, results });
 * ```
 */
export const forgetDocument = async (
  docId: string,
  target: ForgetTarget,
): Promise<{ points: number; known: boolean }> => {
  const { sink, ledger, results, signal, clock } = parseOptions(ledgerPartsSchema, target, "forgetDocument");
  const claim = await new RunLedger(ledger, clock).claim({ docId, source: docId });
  if (!claim)
    throw new UnsiloedError(
      "CLAIM_LOST",
      `"${docId}" is claimed by another run; try again when that run has finished`,
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

/** Returns the points to delete: those that the store lists, or those in the ledger where the store cannot list. */
const pointsOf = async (
  docId: string,
  sink: VectorSink,
  record: LedgerRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<Set<string>> => {
  if (sink.canList === false) return new Set(record?.point_ids);
  const ids = new Set<string>();
  // Without a collection there are no points.
  await ignoring("COLLECTION_NOT_FOUND", async () => {
    for await (const { id } of sink.listPoints(docId, { signal })) ids.add(id);
  });
  return ids;
};
