import { QueueWorker } from "../../worker/queue-worker.js";
import { SourceFinder } from "../setup/choose-sources.js";
import { loadEnvironment } from "../setup/environment.js";
import { findQueued, openQueue } from "../setup/queued-sources.js";
import { ingestAll, withSession } from "../setup/session.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { finish, type SourceCommandOptions, sourceSettings } from "./ingest.js";

export interface WorkCommandOptions extends SourceCommandOptions {
  untilEmpty?: boolean;
}

const STOPPING =
  "stopping: taking no more documents; finishing what is being sent, embedded or stored, giving back the rest";

/** Runs `unsiloed-ingest work`: ingests documents from the queue, beside any number of workers on other machines. */
export const runWork = (options: WorkCommandOptions, out: Terminal): Promise<number> =>
  interruptible(
    out,
    (drain) =>
      withSession(options, loadEnvironment(), out, async (session) => {
        const queue = openQueue(session.database, true);
        const finder = new SourceFinder();
        const settings = sourceSettings(options, out);
        const worker = new QueueWorker(queue, {
          findSource: (document) => findQueued(document, finder, settings),
          drain,
          untilEmpty: options.untilEmpty,
          onProblem: ({ message }) => out.warn(message),
        });
        try {
          const { onEvent } = worker;
          const report = await ingestAll(worker.sources(), session, { ...options, onEvent }, drain, out);
          const exitCode = finish(report, options, false, out);
          // Interrupted, a worker has done what it was asked to; what failed is in the ledger.
          return report.stopped || (options.untilEmpty && !drain.aborted) ? exitCode : EXIT.ok;
        } finally {
          await worker.close();
          await queue.close();
        }
      }),
    STOPPING,
  );
