import type { SplitDocument } from "../../documents/metadata.js";
import type { DocumentSource } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { Seat } from "../../internal/async/weighted-semaphore.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { bytesOfSplits } from "../run/held-bytes.js";
import type { IngestFailure } from "../run/report.js";
import type { RunContext } from "../run/run-context.js";
import { isCurrent, isOfContent, workOn } from "./currency.js";
import { asError, SourceState } from "./document-context.js";
import { readSegments } from "./read-segments.js";
import { findClash } from "./same-file.js";
import { storeSplits } from "./store-splits.js";

/**
 * What became of a source: `stored`; `unchanged`, without anything to do; `failed`, with the reason in the report;
 * `unfinished`, because the run was stopped; `held`, because another run works on the document.
 */
export type SourceOutcome = "stored" | "unchanged" | "failed" | "unfinished" | "held";

/** Takes one source through all stages and adds what became of it to the report. */
export class SourceRun {
  readonly #source: DocumentSource;
  readonly #context: RunContext;
  readonly #state: SourceState;

  constructor(source: DocumentSource, context: RunContext) {
    this.#source = source;
    this.#context = context;
    this.#state = new SourceState(source, context);
  }

  /**
   * @param seat what the source takes of the run's room
   * @throws UnsiloedError `ABORTED` when the run's signal aborts
   */
  async run(seat: Seat): Promise<SourceOutcome> {
    const { docId, source } = this.#source;
    const state = this.#state;
    state.seat = seat;
    const { ledger, emit } = this.#context;
    try {
      emit({ type: "source-started", source });
      state.identity = await this.#source.identify?.({ signal: this.#context.signal });
      const known = await ledger?.get(docId);
      if (await isCurrent(known, state.identity, this.#context)) return this.#unchanged(known);
      state.claim = await ledger?.claim(this.#source);
      if (ledger && !state.claim) return "held";
      return await this.#claimed();
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  /** Counts the source as failed before anything was done with it. */
  refuse(error: UnsiloedError): SourceOutcome {
    this.#state.fail(error);
    return this.#report("failed");
  }

  /** Counts the source as one that a later run goes on with; nothing of it is in the report. */
  unfinished(): SourceOutcome {
    const { report } = this.#context;
    report.addSource(
      "unfinished",
      { total: 0, stored: 0, filtered: new Map(), flagged: new Map(), failed: 0 },
      [],
      this.#source.source,
    );
    return "unfinished";
  }

  async #claimed(): Promise<SourceOutcome> {
    const { claim, identity } = this.#state;
    try {
      const record = claim?.record;
      if (await isCurrent(record, identity, this.#context)) return this.#unchanged(record);
      const clash = await findClash(this.#source, identity, record);
      if (clash) return this.refuse(clash);
      if (record && identity && isOfContent(record, identity)) this.#state.attempt = record.attempts + 1;
      await this.#process();
      if (this.#state.failures.length === 0) return this.#report("stored");
      await this.#recordFailure();
      return this.#report("failed");
    } catch (thrown) {
      return await this.#failed(thrown);
    } finally {
      this.#state.leaveRoom();
      await claim?.release();
    }
  }

  async #process(): Promise<void> {
    const splits = await this.#split();
    await storeSplits(this.#state, splits, this.#context);
  }

  /** The segments, whose word boxes may be most of what is in memory, are let go of before anything is embedded. */
  async #split(): Promise<SplitDocument[]> {
    const { limits, emit, report } = this.#context;
    const { source } = this.#source;
    const state = this.#state;
    const run = await limits.parse(() => {
      this.#assertGoesOn();
      return readSegments(state, this.#context);
    });
    await state.claim?.advance({ ...workOn(state, this.#context), state: "parsed", last_error: null });
    emit({ type: "source-parsed", source, segments: state.account.total });

    state.stage = "split";
    const splits = await run.finish({ signal: state.signal });
    state.account.split(splits);
    (await state.enterRoom()).settle(bytesOfSplits(splits));
    report.addDocuments(splits.length);
    emit({ type: "source-split", source, documents: splits.length });
    if (splits.length === 0) this.#allowEmpty();
    return splits;
  }

  /** Sources that waited for their turn while the run came to its end are not begun. */
  #assertGoesOn(): void {
    const { drain, breaker } = this.#context;
    if (drain?.aborted || breaker.isOpen) throw new UnsiloedError("ABORTED", "not begun: the run is ending");
  }

  /**
   * A document that was stored and whose file holds no text any more loses its points, and has none whatever becomes
   * of model or splitter. Anything else without text fails, and leaves what is stored as it is: a parse that found
   * nothing must not wipe out one that did.
   */
  #allowEmpty(): void {
    const { account, claim, identity } = this.#state;
    const { stored_content_hash: stored, point_ids = [] } = claim?.record ?? {};
    const isFile = identity?.parseHash != null && stored != null;
    if (account.kept === 0 && isFile && (stored !== identity.contentHash || point_ids.length === 0)) return;
    this.#state.stage = "parse";
    const found = account.total === 0 ? "no segments" : `${account.total} segments, none with text to store`;
    throw new UnsiloedError(
      "EMPTY_RESULT",
      `the parse result holds ${found}; what is stored of the document stays as it is; check that it is not blank`,
    );
  }

  #unchanged(record: LedgerRecord | undefined): SourceOutcome {
    const points = record?.point_ids.length ?? 0;
    const { report, emit } = this.#context;
    report.addPoints({ unchanged: points });
    emit({ type: "source-unchanged", source: this.#source.source, points });
    const nothing: NonNullable<LedgerRecord["segments"]> = { total: 0, stored: 0, filtered: {}, flagged: {} };
    const { total, stored, filtered, flagged } = record?.segments ?? nothing;
    const byReason = {
      filtered: new Map(Object.entries(filtered)),
      flagged: new Map(Object.entries(flagged)),
    };
    const tally = { total, stored, ...byReason, failed: 0 };
    report.addSource("unchanged", tally, [], this.#source.source);
    return "unchanged";
  }

  async #failed(thrown: unknown): Promise<SourceOutcome> {
    const { signal, drain } = this.#context;
    const error = asError(thrown, this.#state.stage);
    if (signal?.aborted) throw error;
    if (error.code === "CLAIM_LOST") return "held";
    if (error.code === "ABORTED" && (drain?.aborted || this.#context.breaker.stop)) return this.unfinished();
    this.#state.fail(error);
    this.#state.account.fail();
    await this.#recordFailure();
    return this.#report("failed");
  }

  /** Writes down why the source failed; that a ledger cannot be written is a failure of its own. */
  async #recordFailure(): Promise<void> {
    const state = this.#state;
    const [failure] = state.failures;
    if (!failure || failure.code.startsWith("LEDGER_")) return;
    const isOwn = state.claim !== undefined;
    try {
      state.claim ??= await this.#context.ledger?.claim(this.#source);
      // A name that stands for nothing and never did is not worth remembering.
      const isNothing = failure.code === "FILE_NOT_FOUND" && !state.claim?.record;
      if (!isNothing) await this.#writeFailure(failure);
    } catch (thrown) {
      state.fail(asError(thrown, failure.stage));
    }
    if (!isOwn) await state.claim?.release();
  }

  async #writeFailure({ stage, code, message }: IngestFailure): Promise<void> {
    const state = this.#state;
    const last_error = { stage, code, message: message.slice(0, 500) };
    const isUnknown = code === "SUBMISSION_UNKNOWN";
    await state.claim?.advance({
      ...workOn(state, this.#context),
      state: isUnknown ? "submitting" : "failed",
      ...(isUnknown && { job_id: null }),
      last_error,
    });
  }

  #report(outcome: "stored" | "failed"): SourceOutcome {
    const { account, failures } = this.#state;
    this.#context.report.addSource(outcome, account.tally, failures, this.#source.source);
    return outcome;
  }
}
