import type { DocumentSource } from "../../documents/source.js";
import { CachedEmbeddings } from "../../embeddings/cache/cached-embeddings.js";
import { ingest } from "../../ingest/ingest.js";
import type { CreditBudget } from "../../ingest/run/credit-budget.js";
import type { IngestEventListener } from "../../ingest/run/events.js";
import type { IngestReport } from "../../ingest/run/report.js";
import { DEFAULT_CHUNK_SIZE } from "../../splitters/options.js";
import { StructureSplitter } from "../../splitters/structure-splitter.js";
import type { VectorSink } from "../../stores/sink.js";
import { Progress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { withOptionNames } from "../terminal/wording.js";
import type { PolicyArguments } from "./arguments.js";
import { chooseEmbeddings, type EmbeddingsOptions } from "./choose-embeddings.js";
import { chooseStore, type StoreChoice } from "./choose-store.js";
import type { Environment } from "./environment.js";
import { type OpenedState, openState, type StateOptions } from "./state.js";
import { openTelemetry } from "./telemetry.js";

/** Options of every command that ingests or plans to. */
export interface SessionOptions extends StateOptions, StoreChoice, EmbeddingsOptions {
  chunkSize?: number;
  chunkOverlap?: number;
  policy?: PolicyArguments;
  concurrency?: number;
  maxCredits?: number;
  resubmitUnknown?: boolean;
  refresh?: boolean;
  verify?: boolean;
}

/** The ledger, the kept results and the store of a command. */
export interface OpenedStore extends OpenedState {
  sink: VectorSink;
}

/** Everything a command that ingests works with, opened once and closed when the command ends. */
export interface Session extends OpenedStore {
  embeddings: CachedEmbeddings;
  splitter: StructureSplitter;
  filter: { policies: PolicyArguments };
}

/**
 * Returns the size of splits that the model takes with the prefix before each; `undefined` for the default.
 *
 * No token is shorter than a byte, so that the bytes of the prefix bound its tokens.
 */
const chunkSizeOf = ({ chunkSize, embeddingMaxTokens, documentPrefix = "" }: SessionOptions) => {
  if (embeddingMaxTokens === undefined) return chunkSize;
  return Math.min(chunkSize ?? DEFAULT_CHUNK_SIZE, embeddingMaxTokens - Buffer.byteLength(documentPrefix));
};

/** Makes what decides beside the model how a document is split and stored. */
export const shapingOf = (options: SessionOptions): Pick<Session, "splitter" | "filter"> => {
  const chunkSize = chunkSizeOf(options);
  const splitter = new StructureSplitter({
    ...(chunkSize !== undefined && { chunkSize }),
    ...(options.chunkOverlap !== undefined && { chunkOverlap: options.chunkOverlap }),
  });
  return { splitter, filter: { policies: options.policy ?? {} } };
};

/** Opens the state and the store that the options name, passes them to `work`, and always closes them. */
export const withStore = async <T>(
  options: StateOptions & StoreChoice,
  environment: Environment,
  out: Terminal,
  work: (opened: OpenedStore) => Promise<T>,
): Promise<T> => {
  const state = await openState(options, environment, out);
  const sink = await chooseStore(options, environment, ({ message }) => out.warn(`store: ${message}`));
  try {
    return await work({ ...state, sink });
  } finally {
    await Promise.all([sink.close(), state.close()]);
  }
};

/** Opens what the options name, passes it to `work`, and always closes it. */
export const withSession = <T>(
  options: SessionOptions,
  environment: Environment,
  out: Terminal,
  work: (session: Session) => Promise<T>,
): Promise<T> =>
  withStore(options, environment, out, async (opened) => {
    const embeddings = new CachedEmbeddings(await chooseEmbeddings(options, environment), {
      directory: opened.embeddingsDirectory,
      readOnly: options.readOnly,
      onProblem: ({ message }) => out.warn(`embeddings are not cached: ${message}`),
    });
    try {
      return await work({ ...opened, embeddings, ...shapingOf(options) });
    } finally {
      await embeddings.close();
    }
  });

/** What a command wants of a run besides its options. */
interface RunOptions {
  retryFailedJobs?: boolean;
  /** Decides in place of `maxCredits` what is submitted. */
  creditBudget?: CreditBudget | undefined;
  onEvent?: IngestEventListener;
  /** Ends the run at once. */
  signal?: AbortSignal;
}

/** Ingests sources and shows the progress. @param drain ends the run gently */
export const ingestAll = async (
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  { sink, embeddings, splitter, filter, ledger, results }: Session,
  options: SessionOptions & RunOptions,
  drain: AbortSignal,
  out: Terminal,
): Promise<IngestReport> => {
  await results.sweep();
  const telemetry = await openTelemetry();
  const progress = new Progress(out, Array.isArray(sources) ? sources.length : undefined);
  const onEvent: IngestEventListener = (event) => {
    progress.on(event);
    telemetry?.onEvent(event);
    options.onEvent?.(event);
  };
  try {
    const report = await ingest(sources, {
      sink,
      embeddings,
      splitter,
      filter,
      ledger,
      results,
      drain,
      ...(options.signal && { signal: options.signal }),
      onEvent,
      resubmitUnknown: options.resubmitUnknown ?? false,
      refresh: options.refresh ?? false,
      verify: options.verify ?? false,
      retryFailedJobs: options.retryFailedJobs ?? false,
      ...(options.creditBudget ? { creditBudget: options.creditBudget } : { maxCredits: options.maxCredits }),
      ...(options.concurrency !== undefined && { concurrency: { parse: options.concurrency } }),
    });
    const left_out = report.left_out.map((one) => ({ ...one, message: withOptionNames(one.message) }));
    return { ...report, left_out };
  } finally {
    progress.stop();
    telemetry?.close();
  }
};
