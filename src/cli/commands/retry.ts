import type { PostgresState } from "../../distributed/postgres-state.js";
import { describeRecord, findDescribed } from "../../distributed/queued-source.js";
import type { DocumentSource } from "../../documents/source.js";
import { recordedName } from "../../embeddings/model.js";
import { UnsiloedError } from "../../errors.js";
import { type IngestReport, ReportBuilder } from "../../ingest/run/report.js";
import { noCosts } from "../../ingest/run/run-credits.js";
import { parseOptions } from "../../internal/options.js";
import type { Ledger } from "../../ledger/ledger.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { currentNames } from "../../parse-api/jobs/request-names.js";
import { parseRequestSchema } from "../../parse-api/jobs/request-options.js";
import { loadEnvironment } from "../setup/environment.js";
import { ingestAll, type Session, withSession } from "../setup/session.js";
import { SourceFinder } from "../setup/sources/choose-sources.js";
import { hasState, openState, whereQueued } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command, Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";
import { finish, type SourceCommandOptions, STOPPING, sourceSettings } from "./ingest.js";

/** Lists the records of the named documents, or of all that are not stored. */
const leftOver = async (ledger: Ledger, docIds: readonly string[]): Promise<LedgerRecord[]> => {
  const records: LedgerRecord[] = [];
  const states = ["submitting", "submitted", "parsed", "failed"] as const;
  if (docIds.length === 0) {
    for await (const { record } of ledger.list({ states })) if (record) records.push(record);
  }
  for (const docId of docIds) {
    const record = await ledger.get(docId);
    if (!record)
      throw new UnsiloedError(
        "INVALID_OPTION",
        `${docId}: no such document; "unsiloed-ingest status" lists those that failed`,
      );
    records.push(record);
  }
  return records;
};

/** Makes the report of a run without sources, for which neither the model nor the store has to be asked. */
const emptyReport = ({ sink, embeddings }: Session): IngestReport =>
  new ReportBuilder().build({
    stopped: null,
    parsing: noCosts(),
    store: sink.description,
    embeddings: recordedName(embeddings),
    duration_ms: 0,
  });

/** Hands documents to the workers again. */
const retryByQueue = async (
  shared: PostgresState,
  docIds: readonly string[],
  options: SourceCommandOptions,
  out: Terminal,
): Promise<number> => {
  const { parse, resubmitUnknown } = options;
  await shared.forgetSettled();
  const wanted = docIds.length > 0 ? docIds : undefined;
  const { enqueued, alreadyQueued, unknown } = await shared.retry({ docIds: wanted, parse, resubmitUnknown });
  if (options.json) out.json({ enqueued, already_queued: alreadyQueued, unknown });
  else {
    const already = alreadyQueued > 0 ? `; ${alreadyQueued} in the queue already` : "";
    out.print(`enqueued: ${counted(enqueued, "document")}${already}`);
  }
  if (enqueued > 0) out.say('"unsiloed-ingest work" ingests them');
  if (unknown > 0)
    out.warn(
      `${counted(unknown, "document")} of unknown outcome left as they are; --resubmit-unknown submits them again, which may pay twice`,
    );
  return EXIT.ok;
};

/**
 * Runs `unsiloed-ingest retry`: ingests again what failed or was left, with the parse options of its submission, or has
 * workers do so where machines share a queue.
 */
export const runRetry: Command<SourceCommandOptions> = (docIds, options, out) =>
  interruptible(
    out,
    async (drain) => {
      const environment = loadEnvironment();
      await hasState(options);
      const { shared, close } = await openState(options, environment, out);
      try {
        if (shared && (await whereQueued(() => shared.queue.counts())))
          return await retryByQueue(shared, docIds, options, out);
      } finally {
        await close();
      }
      return withSession(options, environment, out, async (session) => {
        const finder = new SourceFinder();
        const sources: DocumentSource[] = [];
        for (const record of await leftOver(session.ledger, docIds)) {
          // An earlier version may have written older names, of which the user need not be told.
          const recorded = parseOptions(parseRequestSchema, record.parse_options ?? {}, "parse");
          const parse = options.parse ?? currentNames(recorded);
          const settings = sourceSettings({ ...options, database: session.database }, out);
          sources.push(
            await findDescribed(describeRecord(record, parse), (name, named) =>
              finder.find(name, { ...settings, ...named }),
            ),
          );
        }
        if (sources.length === 0) {
          out.say("nothing to retry: no document failed or is unfinished");
          if (options.json) out.json(emptyReport(session));
          return EXIT.ok;
        }
        const retrying = { ...options, retryFailedJobs: true };
        const report = await ingestAll(sources, session, retrying, drain, out);
        return finish(report, options, drain.aborted, out);
      });
    },
    STOPPING,
  );
