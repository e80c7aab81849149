import { documentVersion, pointIds } from "../../documents/identity.js";
import type { SplitDocument } from "../../documents/metadata.js";
import type { RunContext } from "../run/run-context.js";
import type { SourceState } from "./document-context.js";
import { shareOf } from "./embed-splits.js";
import { diffDocument, finishReplacement, storedVectors } from "./replace-document.js";
import { writeSplits } from "./write-splits.js";

/**
 * Makes the store hold exactly these splits of a document, embedding what is new, and marks the ledger last. Splits
 * that cannot be embedded are failures of the source; what they replace stays until they can.
 */
export const storeSplits = async (
  state: SourceState,
  splits: readonly SplitDocument[],
  context: RunContext,
): Promise<void> => {
  const { sink, limits, report, breaker, emit, versionOptions } = context;
  const { account, claim, signal } = state;
  const { docId, source } = state.source;
  const ids = pointIds(docId, splits);
  const version = documentVersion(splits, versionOptions);
  const share = shareOf(splits, context);
  state.seat?.shrink(share);

  state.stage = "store";
  const recorded = claim?.record?.point_ids ?? [];
  const diff = await limits.store(() => diffDocument(sink, docId, { ids, version, recorded }, { signal }));
  breaker.succeeded("store");
  if (diff.unchanged) {
    account.stored(splits);
    await markStored(state, { ids, version }, context);
    report.addPoints({ unchanged: ids.length });
    emit({ type: "source-stored", source, upserted: 0, unchanged: ids.length, deleted: 0 });
    return;
  }
  const reusable = await limits.store(() => storedVectors(sink, docId, diff.known, { signal }));
  const either = [...new Set([...recorded, ...diff.known, ...ids])];
  await claim?.advance({ state: "parsed", point_ids: either, store: sink.description });

  const failures = await writeSplits(state, { splits, ids, version, reusable }, context);
  // While some new text could not be embedded, the old text it replaces stays findable.
  const stale = failures.size > 0 ? [] : diff.stale;
  const upserted = splits.length - failures.size;
  state.stage = "store";
  await limits.store(() => finishReplacement(sink, { docId, version, written: upserted, stale }, { signal }));
  breaker.succeeded("store");

  account.stored(
    splits,
    splits.filter((_, index) => failures.has(index)),
  );
  if (failures.size === 0) await markStored(state, { ids, version }, context);
  report.addPoints({ upserted, deleted: stale.length });
  emit({ type: "source-stored", source, upserted, unchanged: 0, deleted: stale.length });
  state.stage = "embed";
  for (const error of failures.values()) state.fail(error);
};

const markStored = async (
  { account, claim }: SourceState,
  { ids, version }: { ids: string[]; version: string },
  { sink }: RunContext,
): Promise<void> => {
  const { total, stored, filtered, flagged } = account.tally;
  await claim?.advance({
    state: "stored",
    version,
    point_ids: ids,
    store: sink.description,
    stored_content_hash: claim.record?.content_hash ?? null,
    segments: {
      total,
      stored,
      filtered: Object.fromEntries(filtered),
      flagged: Object.fromEntries(flagged),
    },
  });
};
