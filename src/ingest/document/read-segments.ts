import type { ResultKeeper, SourceReadOptions, SourceStatus } from "../../documents/source.js";
import { openSplitter, type SplitRun } from "../../documents/splitter.js";
import { UnsiloedError } from "../../errors.js";
import type { RecordChange } from "../../ledger/record.js";
import { bytesOfSegment } from "../run/held-bytes.js";
import type { RunContext } from "../run/run-context.js";
import { type KnownParse, knownParse, workOn } from "./currency.js";
import { asError, type SourceState } from "./document-context.js";

/** A job of an earlier run that has expired, or whose file never arrived because that run ended while sending it. */
const LEADS_NOWHERE: ReadonlySet<string> = new Set(["JOB_NOT_FOUND", "UPLOAD_FAILED"]);

/**
 * Reads the segments of a source that are meant for the store and hands them to the splitter, with as little of it
 * paid for as can be: from a kept result, else from the job of an earlier run, else from a new one. What is sent and
 * what came of it is in the ledger before anything else happens.
 */
export const readSegments = async (state: SourceState, context: RunContext): Promise<SplitRun> => {
  const { claim, identity } = state;
  state.stage = "submit";
  const known = knownParse(claim?.record, identity, context);
  state.stage = "parse";
  try {
    return await readOnce(state, context, known);
  } catch (thrown) {
    const isGone = thrown instanceof UnsiloedError && LEADS_NOWHERE.has(thrown.code);
    // A job that the source itself names cannot be replaced by another.
    if (!isGone || known.jobId === undefined || identity?.jobId !== undefined) throw thrown;
    state.leaveRoom();
    return readOnce(state, context, { jobId: undefined, mayReadKept: false });
  }
};

const readOnce = async (state: SourceState, context: RunContext, known: KnownParse): Promise<SplitRun> => {
  const run = openSplitter(context.splitter);
  try {
    for await (const document of state.source.read(readOptions(state, context, known))) {
      const stay = await state.enterRoom();
      const segment = state.account.read(document);
      if (!segment) continue;
      run.add([segment]);
      stay.hold(bytesOfSegment(segment));
    }
  } finally {
    state.leaveSubmission();
  }
  context.breaker.succeeded("parse");
  return run;
};

const readOptions = (
  state: SourceState,
  context: RunContext,
  { jobId, mayReadKept }: KnownParse,
): SourceReadOptions => {
  const { source, claim, identity, signal } = state;
  const { breaker, drain, emit } = context;
  const waitSignal = signal && drain ? AbortSignal.any([signal, drain]) : (drain ?? signal);
  const assertMaySubmit = () => {
    breaker.assertMaySubmit();
    if (drain?.aborted) throw new UnsiloedError("ABORTED", "not submitted, because the run is being stopped");
  };
  const tryEmbeddings = async () => {
    state.stage = "embed";
    await context.embeddingTrial.pass().catch((thrown: unknown) => {
      // Before anything else happens, so that no other source is sent for another trial.
      breaker.failed("embed", asError(thrown, "embed"));
      throw thrown;
    });
    state.stage = "parse";
  };
  const tellStatus = (status: SourceStatus) => emit({ type: "source-status", source: source.source, status });
  const advance = async (change: RecordChange) => claim?.advance({ ...workOn(state, context), ...change });
  return {
    signal,
    waitSignal,
    jobId,
    observer: {
      queueing: async () => {
        await state.enterSubmission();
        assertMaySubmit();
        await tryEmbeddings();
        assertMaySubmit();
        tellStatus({ state: "submitting" });
      },
      submitting: async () => {
        assertMaySubmit();
        state.stage = "submit";
        await advance({ state: "submitting", last_error: null });
        state.wasSent = true;
      },
      refused: ({ code, message }) =>
        advance({
          state: "failed",
          last_error: { stage: "submit", code, message: message.slice(0, 500) },
        }),
      submitted: async ({ jobId: job_id, creditsUsed: credits_used }) => {
        state.leaveSubmission();
        breaker.succeeded("submit");
        await advance({ state: "submitted", job_id, credits_used });
        state.stage = "parse";
        tellStatus({ state: "submitted", jobId: job_id });
      },
      statusChanged: tellStatus,
      reading: async () => {
        await state.enterRoom();
      },
    },
    packWords: context.splitter.takesPackedWords,
    results: identity && keeper(state, context, { jobId, mayReadKept }),
  };
};

const keeper = (
  { source, identity }: SourceState,
  { archive }: RunContext,
  { jobId, mayReadKept }: KnownParse,
): ResultKeeper | undefined => {
  if (!archive || !identity || (identity.contentHash === null && identity.parseHash === null && !jobId))
    return undefined;
  const { contentHash, parseHash } = identity;
  const key = { docId: source.docId, contentHash, parseHash };
  return {
    read: async (need) => {
      const result = mayReadKept ? await archive.read(key, need) : undefined;
      // Where nothing tells the content, only the job tells whether it is the result that is meant.
      return contentHash === null && result?.info.jobId !== jobId ? undefined : result;
    },
    keep: (result, holds) => archive.keep(key, result, holds),
  };
};
