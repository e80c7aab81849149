import { nothingSkipped, type SkippedFiles } from "../../../loaders/files/skipped-files.js";
import type { ErrorCode } from "../../errors.js";
import type { IngestReport } from "../../ingest/run/report.js";
import { omitUndefined } from "../../internal/objects.js";
import { loadEnvironment } from "../setup/environment.js";
import { ingestAll, type Session, type SessionOptions, withSession } from "../setup/session.js";
import { chooseSources, type SourceSettings } from "../setup/sources/choose-sources.js";
import { formatSkipped, sayUnmatched } from "../setup/sources/skipped.js";
import { openDatabase } from "../setup/state.js";
import { exitCodeOfReport } from "../terminal/exit.js";
import { formatFailures, nextSteps } from "../terminal/failures.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command, Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";
import { noting, type Pruned, prune } from "./prune.js";

/** Options of the commands that find sources and ingest them. */
export interface SourceCommandOptions extends SessionOptions {
  root?: string;
  timeout?: number;
  pollInterval?: number;
  rateLimit?: number;
  activeJobs?: number;
  parse?: Record<string, unknown>;
  json?: boolean;
}

/** Codes of failures at the service that stay until the document is submitted again. */
const RETRIED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["JOB_FAILED", "JOB_CANCELLED", "PII_BLOCKED"]);

export interface IngestCommandOptions extends SourceCommandOptions {
  include?: string[];
  exclude?: string[];
  docId?: string;
  title?: string;
  prune?: boolean;
}

/** Said after the first Ctrl-C. */
export const STOPPING =
  "stopping: finishing what is being sent, embedded or stored; no longer waiting for parse jobs";

export const sourceSettings = (options: SourceCommandOptions, out: Terminal): SourceSettings => ({
  root: options.root,
  parse: options.parse,
  pollIntervalMs: options.pollInterval,
  timeoutMs: options.timeout === undefined ? undefined : options.timeout * 1000,
  callsPerMinute: options.rateLimit,
  maxActiveJobs: options.activeJobs,
  database: options.database,
  onWarning: (note) => out.warn(`note: --parse ${note}`),
});

/** Settings of the commands that search directories and globs, with the place to count what is skipped. */
export const searchSettings = (options: IngestCommandOptions, out: Terminal) => {
  const { include, exclude, docId, title } = options;
  const patterns = omitUndefined({ include, exclude });
  const skipped = nothingSkipped([...(include ?? []), ...(exclude ?? [])]);
  return { ...sourceSettings(options, out), docId, title, patterns, skipped };
};

/** Matches the names of jobs and of files with a saved result, which are not submitted. */
const NEVER_SUBMITTED = /^job:|\.json(?:\.gz)?$/i;

/** Counts the documents that failed at the service, which another submission may help and another run does not. */
const retryLine = (failures: IngestReport["failures"]): string[] => {
  const failed = failures.filter(({ source, code }) => RETRIED.has(code) && !NEVER_SUBMITTED.test(source));
  if (failed.length === 0) return [];
  const documents = new Set(failed.map(({ doc_id }) => doc_id)).size;
  const submits = documents === 1 ? "submits it" : "submits them";
  return [
    `retry:      ${counted(documents, "document")} failed at the service; "unsiloed-ingest retry" ${submits} again, which costs credits again`,
  ];
};

const costLine = ({
  jobs,
  pages,
  credits,
  unknown,
  repeated,
  unknown_submissions: lost,
}: IngestReport["parsing"]): string[] => {
  const unanswered = lost > 0 ? [`${counted(lost, "submission")} of unknown outcome`] : [];
  if (jobs === 0) return unanswered.map((said) => `parsing:    ${said}`);
  const without =
    unknown > 0 ? `, without ${counted(unknown, "job")} whose cost the service does not say` : "";
  const parsed = pages > 0 ? `, ${counted(pages, "page")}` : "";
  const again = repeated > 0 ? ` (${repeated} again, as the one before had expired)` : "";
  const done = `${counted(jobs, "job")}${again}${parsed}, ${counted(credits, "credit")}${without}`;
  return [`parsing:    ${[done, ...unanswered].join("; ")}`];
};

const leftOutLines = (leftOut: IngestReport["left_out"]): string[] =>
  leftOut.map(({ source, message }) => `LEFT OUT ${source}: ${message}`);

const omittedLine = ({ failures, left_out }: IngestReport["omitted"]): string[] =>
  failures + left_out === 0
    ? []
    : [
        `not listed: ${counted(failures, "more failure")}, ${left_out} more left out; "unsiloed-ingest status" lists documents`,
      ];

/** Formats a report for people. */
export const formatReport = (report: IngestReport, pruned?: Pruned): string => {
  const { sources, segments, points, failures } = report;
  const filtered = Object.entries(segments.filtered).map(([reason, count]) => `${count} ${reason}`);
  const flagged = Object.entries(segments.flagged).map(([reason, count]) => `${count} ${reason}`);
  const reused = sources.reused > 0 ? `, ${sources.reused} by the parse of a copy` : "";
  const unfinished = sources.unfinished > 0 ? `, ${sources.unfinished} not finished` : "";
  return [
    `sources:    ${sources.succeeded} of ${sources.total} succeeded (${sources.unchanged} unchanged${reused})${unfinished}`,
    `segments:   ${segments.total} read = ${segments.stored} stored + ${
      filtered.length > 0 ? `left out (${filtered.join(", ")})` : "0 left out"
    } + ${segments.failed} failed`,
    ...(flagged.length > 0 ? [`flagged:    ${flagged.join(", ")}`] : []),
    ...segments.unknown_pages.map((segment) => `page unknown: ${segment}`),
    ...costLine(report.parsing),
    `points:     ${points.upserted} written, ${points.unchanged} unchanged, ${points.deleted} deleted`,
    ...(pruned
      ? [`pruned:     ${counted(pruned.documents, "document")}, ${counted(pruned.points, "point")}`]
      : []),
    `store:      ${report.store}`,
    `embeddings: ${report.embeddings}`,
    `took:       ${(report.duration_ms / 1000).toFixed(1)} s`,
    ...formatFailures(report),
    ...retryLine(failures),
    ...leftOutLines(report.left_out),
    ...omittedLine(report.omitted),
    ...nextSteps(report),
  ].join("\n");
};

/** Shows a report and what to do about unfinished sources. @returns the exit code */
export const finish = (
  report: IngestReport,
  { json }: Pick<SourceCommandOptions, "json">,
  wasInterrupted: boolean,
  out: Terminal,
  { skipped, pruned }: { skipped?: SkippedFiles; pruned?: Pruned | undefined } = {},
): number => {
  if (json) out.json({ ...report, pruned, skipped });
  else out.print([formatReport(report, pruned), ...(skipped ? formatSkipped(skipped) : [])].join("\n"));
  const leftOut = report.left_out.length + report.omitted.left_out;
  const unfinished = report.sources.unfinished - leftOut;
  if (unfinished > 0)
    out.warn(
      `${unfinished === 1 ? "1 source is" : `${unfinished} sources are`} not finished: ` +
        "run the same command again to continue; parse jobs that were paid for are resumed by their ids",
    );
  return exitCodeOfReport(report, wasInterrupted);
};

/** Runs `unsiloed-ingest ingest`: parses, splits, embeds and stores the named sources. */
export const runIngest: Command<IngestCommandOptions> = (named, options, out) =>
  interruptible(
    out,
    async (drain) => {
      const environment = loadEnvironment();
      const shared = { ...options, database: await openDatabase(options) };
      const settings = searchSettings(shared, out);
      const chosen = await chooseSources(named, settings);
      const { present, sources } = noting(chosen, options.prune);
      if (Array.isArray(chosen)) sayUnmatched(settings.skipped, out);
      return withSession(shared, environment, out, async (session: Session) => {
        const report = await ingestAll(sources, session, options, drain, out);
        if (!Array.isArray(chosen) && !drain.aborted) sayUnmatched(settings.skipped, out);
        const mayPrune = !drain.aborted && report.sources.unfinished === 0;
        if (options.prune && !mayPrune)
          out.say("nothing is pruned, as sources that are not finished may need the parse of a former file");
        const pruned =
          options.prune && mayPrune ? await prune(named, present, options.root, session, out) : undefined;
        return finish(report, options, drain.aborted, out, { skipped: settings.skipped, pruned });
      });
    },
    STOPPING,
  );
