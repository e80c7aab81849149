import { findDescribed } from "../../distributed/queued-source.js";
import { UnsiloedError } from "../../errors.js";
import type { IngestEvent } from "../../ingest/run/events.js";
import { systemClock } from "../../internal/async/clock.js";
import { QueueWorker } from "../../worker/queue-worker.js";
import { loadEnvironment } from "../setup/environment.js";
import { ingestAll, type Session, withSession } from "../setup/session.js";
import { SourceFinder } from "../setup/sources/choose-sources.js";
import { keepsApart, sharedOf } from "../setup/state.js";
import { type HealthAddress, openWorkerHealth } from "../setup/worker-health.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";
import { finish, type SourceCommandOptions, sourceSettings } from "./ingest.js";

export interface WorkCommandOptions extends SourceCommandOptions {
  untilEmpty?: boolean;
  grace?: number;
  health?: HealthAddress;
}

/** Below the 30 seconds that Kubernetes gives a process to end. */
const GRACE_SECONDS = 25;

const STOPPING =
  "stopping: taking no more documents; finishing what is being sent, embedded or stored, giving back the rest";

/** Aborts so long after another signal did; `stop` ends the wait. */
const abortAfter = (signal: AbortSignal, ms: number): { signal: AbortSignal; stop: () => void } => {
  const late = new AbortController();
  const stopped = new AbortController();
  const wait = () =>
    void systemClock.delay(ms, stopped.signal).then(
      () => late.abort(new UnsiloedError("ABORTED", `not finished within ${ms / 1000} s`)),
      () => undefined,
    );
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true, signal: stopped.signal });
  return { signal: late.signal, stop: () => stopped.abort() };
};

/** Opens what all workers may spend together. Loaded here, since most commands start without it. */
const openCredits = async ({ database }: Session, { maxCredits }: WorkCommandOptions) => {
  if (maxCredits === undefined || !database) return undefined;
  const { PostgresCreditBudget } = await import("../../budget/postgres/postgres-credit-budget.js");
  return new PostgresCreditBudget(database, { maxCredits });
};

/** Runs `unsiloed-ingest work`: ingests documents from the queue, beside any number of workers on other machines. */
export const runWork = (options: WorkCommandOptions, out: Terminal): Promise<number> =>
  interruptible(
    out,
    (drain) =>
      withSession({ ...options, supervises: true }, loadEnvironment(), out, async (session) => {
        const { queue } = await sharedOf(session);
        const creditBudget = await openCredits(session, options);
        if (keepsApart(options))
          out.say(
            `results are kept on this machine only, in ${session.resultsPlace}; --keep-results names a place to share`,
          );
        const finder = new SourceFinder();
        const settings = sourceSettings({ ...options, database: session.database }, out);
        const worker = new QueueWorker(queue, {
          findSource: (document) =>
            findDescribed(document, (name, { parse = settings.parse, ...named }) =>
              finder.find(name, { ...settings, ...named, parse }),
            ),
          drain,
          untilEmpty: options.untilEmpty,
          onProblem: ({ message }) => out.warn(message),
        });
        const grace = abortAfter(drain, (options.grace ?? GRACE_SECONDS) * 1000);
        const measured = { counts: () => queue.counts(), taken: () => worker.taken };
        try {
          const health = options.health && (await openWorkerHealth(options.health, measured, drain, out));
          try {
            const onEvent = (event: IngestEvent) => {
              worker.onEvent(event);
              health?.onEvent(event);
            };
            const run = { ...options, creditBudget, onEvent, signal: grace.signal };
            const report = await ingestAll(worker.sources(), session, run, drain, out);
            const exitCode = finish(report, options, false, out);
            // Interrupted, a worker has done what it was asked to; what failed is in the ledger.
            const isOver = report.stopped !== null || report.left_out.length > 0;
            return isOver || (options.untilEmpty && !drain.aborted) ? exitCode : EXIT.ok;
          } finally {
            await health?.close();
          }
        } catch (thrown) {
          if (!grace.signal.aborted) throw thrown;
          out.warn(`gave back ${counted(worker.taken, "document")}, not finished in time`);
          return EXIT.ok;
        } finally {
          grace.stop();
          await worker.close();
          await creditBudget?.close();
        }
      }),
    STOPPING,
  );
