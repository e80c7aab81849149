import { lexicalTexts } from "../documents/embedding-text.js";
import { documentVersion, pointIds } from "../documents/identity.js";
import type { SplitDocument } from "../documents/metadata.js";
import type { LedgerRecord } from "../ledger/record.js";
import type { Point } from "../stores/sink.js";
import { embedSplits, shareOf } from "./embed-splits.js";
import { diffDocument, replaceDocument, storedVectors } from "./replace-document.js";
import type { RunContext } from "./run-context.js";
import type { SourceState } from "./source-state.js";

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
  state.place?.shrink(share);

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

  state.stage = "embed";
  const { vectors, failures } = await limits.embed.run(share, () =>
    embedSplits(splits, ids, reusable, state, context),
  );

  state.stage = "store";
  const origin = originOf(claim?.record, ids.length);
  const lexicals = lexicalTexts(splits);
  const points = splits.flatMap((split, index): Point[] => {
    const vector = vectors[index];
    const id = ids[index];
    if (!vector || id === undefined) return [];
    const { pageContent: content, metadata } = split;
    const lexical = lexicals[index] ?? content;
    return [{ id, vector, content, lexical, metadata: { ...metadata, version, ...origin } }];
  });
  // While some new text could not be embedded, the old text it replaces stays findable.
  const stale = failures.size > 0 ? [] : diff.stale;
  const either = [...new Set([...recorded, ...diff.known, ...points.map(({ id }) => id)])];
  await claim?.advance({ state: "parsed", point_ids: either, store: sink.description });
  await limits.store(() => replaceDocument(sink, { docId, version, points, stale }, { signal }));
  breaker.succeeded("store");

  account.stored(
    splits,
    splits.filter((_, index) => failures.has(index)),
  );
  if (failures.size === 0) await markStored(state, { ids, version }, context);
  report.addPoints({ upserted: points.length, deleted: stale.length });
  emit({ type: "source-stored", source, upserted: points.length, unchanged: 0, deleted: stale.length });
  state.stage = "embed";
  for (const error of failures.values()) state.fail(error);
};

/** What a lost ledger is rebuilt from. */
const originOf = (record: LedgerRecord | undefined, points: number) =>
  record && {
    point_count: points,
    content_hash: record.content_hash,
    parse_hash: record.parse_hash,
    options_hash: record.options_hash,
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
