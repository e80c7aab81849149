import type { DocumentSource } from "../documents/source.js";
import { CachedEmbeddings } from "../embeddings/cached.js";
import { UnsiloedError } from "../errors.js";
import { ingest } from "../ingest/ingest.js";
import type { IngestReport } from "../ingest/report.js";
import { SegmentSplitter } from "../splitters/segment-splitter.js";
import { chooseEmbeddings } from "./choose-embeddings.js";
import { chooseSources } from "./choose-sources.js";
import { chooseStore } from "./choose-store.js";
import { loadEnvironment } from "./environment.js";
import { exitCodeOfReport } from "./exit.js";
import { interruptible } from "./interrupt.js";
import { Progress } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** Beside the default store, whichever store is used: the same text is paid for once. */
const CACHE_DIRECTORY = ".unsiloed/embeddings";

export interface IngestCommandOptions {
  collection?: string;
  store?: string;
  embeddings?: string;
  json?: boolean;
  root?: string;
  docId?: string;
  chunkSize?: number;
  chunkOverlap?: number;
  concurrency?: number;
  timeout?: number;
  pollInterval?: number;
  parse?: Record<string, unknown>;
}

/** Parse jobs that go on are paid for: naming their files again would pay a second time. */
const sayUnread = (out: Terminal, unread: Progress["unread"], sources: readonly DocumentSource[]): void => {
  for (const { source, jobId } of unread) {
    const docId = sources.find((one) => one.source === source)?.docId ?? source;
    out.say(
      `${source}: its parse job is paid for and goes on; instead of the file, name the job next time: ` +
        `unsiloed-ingest ingest job:${jobId} --doc-id ${JSON.stringify(docId)}`,
    );
  }
};

/** The report as a person reads it. */
export const formatReport = (report: IngestReport): string => {
  const { sources, segments, points, failures } = report;
  const filtered = Object.entries(segments.filtered).map(([reason, count]) => `${count} ${reason}`);
  return [
    `sources:    ${sources.succeeded} of ${sources.total} succeeded`,
    `segments:   ${segments.total} read = ${segments.stored} stored + ${
      filtered.length > 0 ? `left out (${filtered.join(", ")})` : "0 left out"
    } + ${segments.failed} failed`,
    `points:     ${points.upserted} written, ${points.unchanged} unchanged, ${points.deleted} deleted`,
    `store:      ${report.store}`,
    `embeddings: ${report.embeddings}`,
    `took:       ${(report.duration_ms / 1000).toFixed(1)} s`,
    ...failures.map(({ source, stage, code, message }) => `FAILED ${source} [${stage}] ${code}: ${message}`),
  ].join("\n");
};

/** `unsiloed-ingest ingest`: sources in, points in the store. */
export const runIngest = (
  named: readonly string[],
  options: IngestCommandOptions,
  out: Terminal,
): Promise<number> =>
  interruptible(out, async (signal) => {
    const environment = loadEnvironment();
    const sources = await chooseSources(named, {
      root: options.root,
      docId: options.docId,
      parse: options.parse,
      pollIntervalMs: options.pollInterval,
      timeoutMs: options.timeout === undefined ? undefined : options.timeout * 1000,
    });
    const splitter = new SegmentSplitter({
      ...(options.chunkSize !== undefined && { chunkSize: options.chunkSize }),
      ...(options.chunkOverlap !== undefined && { chunkOverlap: options.chunkOverlap }),
    });
    const embeddings = new CachedEmbeddings(await chooseEmbeddings(options.embeddings, environment), {
      directory: CACHE_DIRECTORY,
      onProblem: ({ message }) => out.say(`embeddings are not cached: ${message}`),
    });
    const sink = await chooseStore(options, environment);
    const progress = await Progress.start(out, sources.length);
    try {
      const report = await ingest(sources, {
        sink,
        embeddings,
        splitter,
        signal,
        onEvent: progress.on,
        ...(options.concurrency !== undefined && { concurrency: { parse: options.concurrency } }),
      });
      progress.stop();
      if (options.json) out.json(report);
      else out.print(formatReport(report));
      return exitCodeOfReport(report);
    } catch (thrown) {
      progress.stop();
      if (thrown instanceof UnsiloedError && thrown.code === "ABORTED") {
        sayUnread(out, progress.unread, sources);
      }
      throw thrown;
    } finally {
      await Promise.all([sink.close(), embeddings.close()]);
    }
  });
