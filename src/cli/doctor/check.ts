import { messageOf, UnsiloedError } from "../../errors.js";
import { abortError } from "../../internal/async/clock.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import type { VectorSink } from "../../stores/sink.js";
import type { EmbeddingsOptions } from "../setup/choose-embeddings.js";
import type { StoreChoice } from "../setup/choose-store.js";
import type { Environment } from "../setup/environment.js";
import type { StateOptions } from "../setup/state.js";
import type { ServiceAnswer } from "./ask-service.js";

/** What a check found. */
export interface Outcome {
  /** `skipped`: what it asks about depends on another check that failed. */
  status: "ok" | "warning" | "failed" | "skipped";
  /** What was found, in one line. */
  message: string;
  /** What the user can do about it. */
  action?: string | undefined;
}

/** What checks may use. */
export interface DoctorContext {
  /** Options of the command, completed by the config file. */
  options: EmbeddingsOptions & StoreChoice & Pick<StateOptions, "state" | "keepResults">;
  environment: Environment;
  /** Path of the config file, or what is wrong with it. */
  config: { file?: string | undefined; problem?: unknown };
  /** Asks the parse service once, for all checks. */
  service(): Promise<ServiceAnswer>;
  /** Makes the sink once, for all checks. */
  sink(): Promise<VectorSink>;
  /** Aborts when the time of a check is over. */
  signal: AbortSignal;
}

/** One line of `unsiloed-ingest doctor`. A check writes nothing and pays for nothing. */
export interface Check {
  readonly name: string;
  /** Looks. What it throws is shown as a failure. */
  run(context: DoctorContext): Promise<Outcome>;
}

/** An outcome with the name of its check. */
export interface CheckResult extends Outcome {
  name: string;
}

const runCheck = async (
  { name, run }: Check,
  context: DoctorContext,
  limitMs: number,
): Promise<CheckResult> => {
  const tooLate = new UnsiloedError("ABORTED", `no answer within ${limitMs / 1000} s`);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(tooLate), limitMs);
  const signal = AbortSignal.any([context.signal, stop.signal]);
  try {
    return { name, ...(await untilAborted(() => run({ ...context, signal }), signal)) };
  } catch (thrown) {
    const reason = stop.signal.aborted ? abortError(stop.signal) : thrown;
    return { name, status: "failed", message: messageOf(reason) };
  } finally {
    clearTimeout(timer);
  }
};

/** Runs checks side by side, each within its time, to the last one. */
export const runChecks = (
  checks: readonly Check[],
  context: DoctorContext,
  limitMs: number,
): Promise<CheckResult[]> => Promise.all(checks.map((check) => runCheck(check, context, limitMs)));
