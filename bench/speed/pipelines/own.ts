// This package, with the limits of the services: no limit of calls, and a number of embeddings in flight.
import path from "node:path";
import {
  type DocumentSource,
  type IngestOptions,
  ingest,
  KeptResults,
  LmdbLedger,
  SegmentSplitter,
  UnsiloedClient,
  UnsiloedFileLoader,
  UnsiloedResultLoader,
} from "unsiloed-ingest";
import { PackedOpenAIEmbeddings } from "unsiloed-ingest/embeddings/openai";
import { QdrantSink } from "unsiloed-ingest/stores/qdrant";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { KEY, type Pipeline, type Work } from "./work.js";

const filesOf = ({ addresses, pace, files }: Work, words: boolean) => {
  const client = new UnsiloedClient({
    apiKey: KEY,
    baseUrl: addresses.parse,
    rateLimit: { requests: 1_000_000, windowMs: 1_000 },
  });
  const wait = { pollIntervalMs: pace.pollMs, maxPollIntervalMs: pace.pollMs };
  return files.map((file) => new UnsiloedFileLoader(file, { client, words, wait }));
};

const modelOf = ({ addresses, pace }: Work) =>
  new PackedOpenAIEmbeddings({
    apiKey: KEY,
    baseURL: addresses.embed,
    concurrency: pace.embedInFlight,
  });

type Loader = UnsiloedFileLoader | UnsiloedResultLoader;

const run = async (
  loaders: readonly Loader[],
  { addresses, collection, pace, ...work }: Work,
  options: Pick<IngestOptions, "embeddings"> & Partial<IngestOptions>,
): Promise<number> => {
  const sources: DocumentSource[] = [];
  for (const loader of loaders) for await (const source of loader.sources()) sources.push(source);
  const sink = new QdrantSink({ url: addresses.store, collection });
  const splitter = new SegmentSplitter();
  // Where jobs take time, all are waited for at once.
  const concurrency = pace.jobMs > 0 ? { parse: work.files.length } : {};
  const report = await ingest(sources, { sink, splitter, concurrency, ...options });
  await sink.close();
  if (report.sources.succeeded !== sources.length)
    throw new Error(JSON.stringify(report.failures.slice(0, 3)));
  return report.points.upserted;
};

/** `ingest()` with exact boxes, without any record of the run. */
export const own: Pipeline = (work) => run(filesOf(work, true), work, { embeddings: modelOf(work) });

/** The same without word boxes, so that boxes are those of segments. */
export const ownWithoutWords: Pipeline = (work) =>
  run(filesOf(work, false), work, { embeddings: modelOf(work) });

/** From saved results instead of parse jobs. */
export const ownResults: Pipeline = (work) => {
  const loaders = work.results.map((file) => new UnsiloedResultLoader(file, { words: true }));
  return run(loaders, work, { embeddings: modelOf(work) });
};

/** The parts of the durable layer, each of which can be left out to find its cost. */
const PARTS = ["ledger", "results", "cache"] as const;

/** `ingest()` with ledger, kept results and cached vectors. @param parts those to use */
export const ownDurable =
  (parts: readonly string[] = PARTS): Pipeline =>
  async (work) => {
    const directory = (part: string) => path.join(work.state, part);
    const ledger = parts.includes("ledger") ? new LmdbLedger(directory("ledger")) : undefined;
    const results = parts.includes("results")
      ? new KeptResults({ directory: directory("results"), mode: "all" })
      : undefined;
    const cached = parts.includes("cache")
      ? new CachedEmbeddings(modelOf(work), { directory: directory("cache") })
      : undefined;
    const points = await run(filesOf(work, true), work, {
      embeddings: cached ?? modelOf(work),
      ...(ledger && { ledger }),
      ...(results && { results }),
    });
    await Promise.all([ledger?.close(), cached?.close()]);
    return points;
  };
