import type { Ledger } from "../../ledger/ledger.js";
import type { VectorSink } from "../../stores/sink.js";
import type { RunContext } from "./run-context.js";

/** Counts the points that the ledger says are in the store, unless that is not asked for. */
export const countRecorded = async (
  ledger: Pick<Ledger, "countPoints"> | undefined,
  sink: VectorSink,
  verify: boolean,
  signal: AbortSignal | undefined,
): Promise<number> => {
  if (verify || sink.canList === false) return 0;
  return (await ledger?.countPoints(sink.description, { signal })) ?? 0;
};

/** Compares the points of the store with those of the ledger by their number: it may have been emptied or replaced. */
export const compareCounts = async (
  recorded: number,
  sink: VectorSink,
  verify: boolean,
  signal: AbortSignal | undefined,
): Promise<Pick<RunContext, "trustsLedger" | "knowsStore">> => {
  if (verify) return { trustsLedger: false, knowsStore: false };
  if (sink.canList === false) return { trustsLedger: true, knowsStore: false };
  const found = await sink.count(undefined, { signal });
  return { trustsLedger: found >= recorded, knowsStore: found === recorded };
};
