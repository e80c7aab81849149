import pLimit from "p-limit";
import type { DocumentSource } from "../documents/source.js";
import { describeEmbeddings } from "../embeddings/model.js";
import { type ErrorCode, UnsiloedError } from "../errors.js";
import { systemClock, throwIfAborted } from "../internal/clock.js";
import { forEachConcurrently } from "../internal/concurrency.js";
import { parseOptions } from "../internal/options.js";
import { type IngestOptions, ingestSettingsSchema } from "./options.js";
import { type IngestReport, ReportBuilder } from "./report.js";
import { type RunContext, SourceRun } from "./source-run.js";

/** Errors that every further source would meet as well. */
const RUN_ENDING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "API_KEY_MISSING",
  "UNAUTHORIZED",
  "OUT_OF_CREDITS",
  "USAGE_LIMIT",
  "MISSING_PACKAGE",
  "STORE_MISMATCH",
]);

/** Any text does: only the length of its vector counts. */
const PROBE = "dimensions";

/**
 * Takes documents from their sources into a vector store: parse, split, embed, write.
 *
 * Before the first source is read, the embeddings and the store are tried, so that a wrong key or a collection of
 * another size costs no parse job. Sources that fail are reported and do not stop the others, unless every other
 * would fail for the same reason (a refused key, no credits). Running the same sources again writes only what
 * changed: unchanged text is neither embedded nor written a second time.
 *
 * @param sources documents to ingest, such as `loader.sources()`; read as they are needed
 * @returns what became of every source, segment and point
 * @throws UnsiloedError `INVALID_OPTION`; `ABORTED` when the signal aborts; what the embeddings or the store
 *   answer when they are tried: `UNAUTHORIZED`, `STORE_UNREACHABLE`, `STORE_MISMATCH`, `MISSING_PACKAGE`
 *
 * @example
 * ```ts
 * const loader = new UnsiloedFileLoader("contracts/*.pdf");
 * const sink = new LanceDbSink({ directory: "./vectors" });
 * const report = await ingest(loader.sources(), {
 *   splitter: new SegmentSplitter(),
 *   embeddings: new UseLiteEmbeddings(),
 *   sink,
 * });
 * console.log(report.segments, report.failures);
 * await sink.close();
 * ```
 */
export const ingest = async (
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  options: IngestOptions,
): Promise<IngestReport> => {
  const { sink, embeddings, splitter, signal, model, onEvent, clock = systemClock, ...given } = options;
  const settings = parseOptions(ingestSettingsSchema, given, "ingest");
  const emit = onEvent ?? (() => undefined);
  const startedAt = clock.now();
  throwIfAborted(signal);

  const modelName = model ?? describeEmbeddings(embeddings).model;
  const dimensions = (await embeddings.embedQuery(PROBE)).length;
  await sink.prepare({ dimensions, model: modelName }, { signal });
  const description = `${modelName} (${dimensions} dimensions)`;
  emit({ type: "ready", store: sink.description, embeddings: description });

  const report = new ReportBuilder();
  const { parse, embed, store } = settings.concurrency;
  const context: RunContext = {
    sink,
    embeddings,
    splitter,
    // A picture without text may still have a caption, which only the splitter knows.
    filter: { ...settings.filter, empty: true },
    versionOptions: { model: modelName, dimensions },
    limits: { parse: pLimit(parse), embed: pLimit(embed), store: pLimit(store) },
    report,
    signal,
    emit,
  };
  const seen = new Map<string, string>();
  let ending: UnsiloedError | undefined;
  // One more than the stages hold together, so that none of them waits for a source to be handed in.
  await forEachConcurrently(
    sources,
    parse + embed + store,
    async (source) => {
      const twin = seen.get(source.docId);
      if (twin === source.source) return;
      seen.set(source.docId, source.source);
      const run = new SourceRun(source, context);
      const refusal = twin === undefined ? ending : clash(source, twin);
      const error = refusal ? run.refuse(refusal) : await run.run();
      throwIfAborted(signal);
      if (error && RUN_ENDING.has(error.code)) ending ??= error;
    },
    signal,
  );
  return report.build({
    store: sink.description,
    embeddings: description,
    duration_ms: Math.round(clock.now() - startedAt),
  });
};

const clash = (source: DocumentSource, twin: string): UnsiloedError =>
  new UnsiloedError(
    "INVALID_OPTION",
    `"${source.source}" and "${twin}" both have the document id "${source.docId}"; give one of them another`,
  );
