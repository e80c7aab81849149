import type { z } from "zod";
import { embeddingText } from "../documents/embedding-text.js";
import { documentVersion, pointIds } from "../documents/identity.js";
import type { SegmentDocument } from "../documents/metadata.js";
import type { ParsedResult } from "../documents/result.js";
import type { DocumentSource, SourceIdentity, SourceReadOptions } from "../documents/source.js";
import { recordedName } from "../embeddings/model.js";
import type { ErrorCode } from "../errors.js";
import { ignoring } from "../internal/async/ignoring.js";
import { streamBatches } from "../internal/batching.js";
import { parseOptions } from "../internal/options.js";
import { functionSchema } from "../internal/schemas.js";
import type { LedgerEntry } from "../ledger/ledger.js";
import { nameOfParse, parseClaimId } from "../ledger/parse-key.js";
import type { LedgerRecord } from "../ledger/record.js";
import { modelMismatch } from "../stores/model-mismatch.js";
import { Copies } from "./document/copies.js";
import { asError } from "./document/document-run.js";
import { findConflict } from "./document/id-conflict.js";
import { asRecorded, givenTitle, isCurrent, knownParse } from "./document/record-state.js";
import { diffDocument } from "./document/replace-document.js";
import { SegmentAccount } from "./document/segment-account.js";
import { hashOptions, type IngestOptions, ingestSettingsSchema, storedFilter } from "./options.js";
import { checkedSources, checkSources, partSchemas } from "./parts.js";

/**
 * Says what a run would do with a document: nothing (`unchanged`); `submit` it, which costs credits; `resume` its
 * parse job, which is paid for; `reuse` the parse of another document with the same content; `store` it from a result
 * that was kept or saved; nothing, because its outcome is `unknown` or another run works on it (`claimedElsewhere`); or
 * `fail`.
 */
export type PlannedAction =
  | "unchanged"
  | "submit"
  | "resume"
  | "reuse"
  | "store"
  | "unknown"
  | "claimedElsewhere"
  | "fail";

/** Says whose parse a document would use, and what of it: the kept result, the job, or what the run itself submits. */
export interface PlannedReuse {
  /** Id of the other document. */
  doc_id: string;
  what: "result" | "job" | "submission";
}

/** Says what a run would do with one document. */
export interface DocumentPlan {
  /** Id of the document. */
  doc_id: string;
  /** What the user named. */
  source: string;
  /** What the run would do. */
  action: PlannedAction;
  /** Whose parse it would use; only with the action `reuse`. */
  reuse?: PlannedReuse;
  /** Pages to be parsed, of what is to be submitted; `null` where they cannot be counted on this machine. */
  pages?: number | null;
  /** Texts to embed and their tokens; `null` where only a parse can tell. */
  embed: { texts: number; tokens: number } | null;
  /** Points that would be written, stay or be deleted; `null` where only a parse can tell. */
  points: { add: number; keep: number; delete: number } | null;
  /** Why the document would fail, or is of unknown outcome. */
  reason?: { code: ErrorCode; message: string };
}

type SharedOptions = Pick<
  IngestOptions,
  | "sink"
  | "embeddings"
  | "model"
  | "splitter"
  | "ledger"
  | "results"
  | "filter"
  | "refresh"
  | "resubmitUnknown"
>;

export interface PlanOptions extends SharedOptions {
  /** Ends the plan. */
  signal?: AbortSignal;
  /** Tells which texts need no call of the model, because their vectors are cached. @default none */
  areCached?: (texts: readonly string[]) => Promise<boolean[]>;
}

const NOTHING = { texts: 0, tokens: 0 };

interface PlanContext extends PlanOptions {
  settings: z.output<typeof planOptionsSchema>;
  /** Model and dimensions of the collection; `undefined` while there is none. */
  spec: { dimensions: number; model: string } | undefined;
  /** Texts that are counted already, since a run embeds equal texts once. */
  counted: Set<string>;
  /** Documents that are to be submitted, by their parse: a run submits the same content once. */
  submitted: Map<string, string>;
}

const planOptionsSchema = ingestSettingsSchema
  .pick({ filter: true, refresh: true, resubmitUnknown: true })
  .extend({
    sink: partSchemas.sink,
    embeddings: partSchemas.embeddings,
    model: partSchemas.model,
    splitter: partSchemas.splitter,
    ledger: partSchemas.ledger.optional(),
    results: partSchemas.results,
    signal: partSchemas.signal,
    areCached: functionSchema<NonNullable<PlanOptions["areCached"]>>().optional(),
  });

/**
 * Says what {@link ingest} would do with each source, without any paid call and without writing anything: it reads
 * only the files, to hash them, the ledger, kept results and the store.
 *
 * @throws UnsiloedError `INVALID_OPTION`; `STORE_MISMATCH` when the collection is of another model; what the store and the ledger throw
 * @example
 * ```ts
 * for await (const { doc_id, action } of planIngest(loader.sources(), { sink, embeddings, splitter, ledger, results }))
 *   console.log(action, doc_id);
 * ```
 */
export async function* planIngest(
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  options: PlanOptions,
): AsyncGenerator<DocumentPlan> {
  const settings = parseOptions(planOptionsSchema, options, "plan");
  checkSources(sources);
  await options.results?.connect?.({ signal: options.signal, readOnly: true });
  const context = {
    ...options,
    settings,
    spec: await openSpec(options),
    counted: new Set<string>(),
    submitted: new Map<string, string>(),
  };
  for await (const batch of streamBatches(checkedSources(sources), READ_AT_ONCE)) {
    const records = await context.ledger?.getMany(batch.map(({ docId }) => docId));
    for (const source of batch) yield await planOne(source, records?.get(source.docId), context);
  }
}

/** Documents whose records are read in one query. */
const READ_AT_ONCE = 1000;

const openSpec = async ({ sink, embeddings, model, signal }: PlanOptions) => {
  const spec = (await ignoring("COLLECTION_NOT_FOUND", () => sink.open({ signal })))?.spec;
  const wanted = model ?? recordedName(embeddings);
  if (spec === undefined || spec.model === wanted) return spec;
  throw modelMismatch(sink.description, spec, { model: wanted });
};

const planOne = async (
  source: DocumentSource,
  { record, problem }: Partial<LedgerEntry> = {},
  context: PlanContext,
): Promise<DocumentPlan> => {
  const { docId: doc_id } = source;
  const named = { doc_id, source: source.source };
  const nothing = { embed: NOTHING, points: { add: 0, keep: 0, delete: 0 } };
  try {
    if (problem) throw problem;
    const identity = asRecorded(await source.identify?.({ signal: context.signal }), record);
    if (await isUnchanged(source, record, identity, context)) {
      const keep = record?.point_ids.length ?? 0;
      return { ...named, action: "unchanged", embed: NOTHING, points: { add: 0, keep, delete: 0 } };
    }
    const conflict = await findConflict(source, identity, record);
    if (conflict) throw conflict;
    if (await context.ledger?.holder(doc_id)) return { ...named, action: "claimedElsewhere", ...nothing };
    const { refresh, resubmitUnknown } = context.settings;
    const known = knownParse(record, identity, { refresh, resubmitUnknown, retryFailedJobs: false });
    const reading = { title: givenTitle(source, record), signal: context.signal };
    const own = await readWithoutService(source, identity, known, reading, context);
    if (own) return { ...named, action: "store", ...(await planStore(source, own, record, context)) };
    if (known.jobId !== undefined) return { ...named, action: "resume", embed: null, points: null };

    const { ledger } = context;
    const copies = ledger && identity && new Copies(ledger, doc_id, identity);
    const kept = await readOfCopy(source, copies, reading, context);
    if (kept) {
      const reuse = { doc_id: kept.doc_id, what: "result" } as const;
      return {
        ...named,
        action: "reuse",
        reuse,
        ...(await planStore(source, kept.segments, record, context)),
      };
    }
    const parse = copies?.parse;
    if (parse && (await ledger?.holder(parseClaimId(parse))))
      return { ...named, action: "claimedElsewhere", ...nothing };
    const reuse = await findReuse(copies, context);
    if (reuse) return { ...named, action: "reuse", reuse, embed: null, points: null };
    if (known.refusal) throw known.refusal;
    const unknown = resubmitUnknown ? undefined : await copies?.unknownOutcome();
    if (unknown) throw unknown;
    if (parse) context.submitted.set(nameOfParse(parse), doc_id);
    const pages = (await source.countPages?.()) ?? null;
    return { ...named, action: "submit", pages, embed: null, points: null };
  } catch (thrown) {
    const { code, message } = asError(thrown, "parse");
    if (code === "ABORTED" || code.startsWith("STORE_")) throw thrown;
    const action = code === "SUBMISSION_UNKNOWN" ? "unknown" : "fail";
    return { ...named, action, ...nothing, reason: { code, message } };
  }
};

const isUnchanged = (
  source: DocumentSource,
  record: LedgerRecord | undefined,
  identity: SourceIdentity | undefined,
  { spec, settings, sink, splitter, signal }: PlanContext,
): Promise<boolean> => {
  if (!spec) return Promise.resolve(false);
  const optionsHash = hashOptions({ ...spec, splitter, filter: storedFilter(settings.filter), sink });
  // A plan can afford to count the points of each document, which makes it exact.
  const context = { sink, optionsHash, trustsLedger: false, refresh: settings.refresh, signal };
  return isCurrent(source, record, identity, context);
};

/** Finds a parse job to use: that of a copy in the ledger, or one that this plan submits. */
const findReuse = async (
  copies: Copies | undefined,
  { submitted }: PlanContext,
): Promise<PlannedReuse | undefined> => {
  const copy = await copies?.withJob(new Set());
  if (copy) return { doc_id: copy.doc_id, what: "job" };
  const planned = copies?.parse && submitted.get(nameOfParse(copies.parse));
  return planned === undefined ? undefined : { doc_id: planned, what: "submission" };
};

type ReadingOptions = Pick<SourceReadOptions, "title" | "signal">;

/** Reads the segments of a source from the kept result of a copy. */
const readOfCopy = async (
  source: DocumentSource,
  copies: Copies | undefined,
  reading: ReadingOptions,
  { results }: PlanContext,
): Promise<{ doc_id: string; segments: SegmentDocument[] } | undefined> => {
  for await (const { doc_id, content_hash, parse_hash } of (results && copies?.all()) ?? []) {
    const kept = await results?.read({ docId: doc_id, contentHash: content_hash, parseHash: parse_hash });
    if (kept) return { doc_id, segments: await readSegments(source, kept, reading) };
  }
  return undefined;
};

/** Reads the segments of a source from a kept result, or of a saved result from itself. */
const readSegments = async (
  source: DocumentSource,
  kept: ParsedResult | undefined,
  reading: ReadingOptions,
): Promise<SegmentDocument[]> => {
  const segments: SegmentDocument[] = [];
  const keeper = kept && { read: async () => kept, keep: <T>(result: T): T => result };
  for await (const document of source.read({ ...reading, ...(keeper && { results: keeper }) }))
    segments.push(document);
  return segments;
};

/** Reads the segments of a source whose result is kept or saved; `undefined` where only the service has it. */
const readWithoutService = async (
  source: DocumentSource,
  identity: SourceIdentity | undefined,
  known: ReturnType<typeof knownParse>,
  reading: ReadingOptions,
  { results }: PlanContext,
): Promise<SegmentDocument[] | undefined> => {
  if (!identity) return undefined;
  const { contentHash, parseHash } = identity;
  const isSaved = parseHash === null && identity.jobId === undefined;
  const key = { docId: source.docId, contentHash, parseHash };
  const kept = isSaved || !known.mayReadKept ? undefined : await results?.read(key);
  const isMeant = contentHash !== null || kept?.info.jobId === known.jobId;
  if (!isSaved && (!kept || !isMeant)) return undefined;
  return readSegments(source, kept, reading);
};

/** Says what storing these segments would change. */
const planStore = async (
  source: DocumentSource,
  segments: readonly SegmentDocument[],
  record: LedgerRecord | undefined,
  context: PlanContext,
): Promise<Pick<DocumentPlan, "embed" | "points">> => {
  const { sink, splitter, spec, settings, signal, areCached, counted } = context;
  const account = new SegmentAccount(storedFilter(settings.filter));
  const kept = segments.flatMap((segment) => account.read(segment) ?? []);
  const splits = await splitter.transformDocuments(kept);
  account.split(splits);
  const ids = pointIds(source.docId, splits);
  const version = documentVersion(splits, spec ?? {});
  const recorded = record?.point_ids ?? [];
  const diff = spec && (await diffDocument(sink, source.docId, { ids, version, recorded }, { signal }));
  const isNew = ids.map((id) => !diff?.known.has(id));
  const texts = splits.filter((_, index) => isNew[index]).map(embeddingText);
  const cached = (await areCached?.(texts)) ?? [];
  const { countTokens } = await import("../internal/text/tokens.js");
  const sent = new Set(texts.filter((text, index) => !cached[index] && !counted.has(text)));
  let tokens = 0;
  for (const text of sent) {
    counted.add(text);
    tokens += countTokens(text);
  }
  const add = isNew.filter(Boolean).length;
  return {
    embed: { texts: sent.size, tokens },
    points: { add, keep: ids.length - add, delete: diff?.stale.length ?? 0 },
  };
};
