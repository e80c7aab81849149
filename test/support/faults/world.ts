import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UnsiloedFileLoader } from "../../../loaders/file-loader.js";
import type { DocumentSource } from "../../../src/documents/source.js";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { PackedOpenAIEmbeddings } from "../../../src/embeddings/openai/openai-embeddings.js";
import type { Emulator } from "../../../src/emulator/emulator.js";
import type { EmulatorOptions, Submission } from "../../../src/emulator/options.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { UnsiloedError } from "../../../src/errors.js";
import { ingest } from "../../../src/ingest/ingest.js";
import type { IngestOptions } from "../../../src/ingest/options.js";
import type { IngestReport } from "../../../src/ingest/run/report.js";
import type { Ledger } from "../../../src/ledger/ledger.js";
import { LmdbLedger } from "../../../src/ledger/lmdb/lmdb-ledger.js";
import { KeptResults } from "../../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import type { ParseRequestOptions } from "../../../src/parse-api/jobs/request-options.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../../src/stores/lancedb/lancedb-sink.js";
import { QdrantSink } from "../../../src/stores/qdrant/qdrant-sink.js";
import type { VectorSink } from "../../../src/stores/sink.js";
import { AutoAdvanceClock } from "../clocks/auto-advance-clock.js";
import { SkippingClock } from "../clocks/skipping-clock.js";
import { OpenAIServer } from "../openai/server.js";
import { QdrantDouble } from "../qdrant-double/server.js";

const KEY = "parse-key";
const EMBEDDING_KEY = "sk-world";

const contentOf = (words: string): string => `%PDF ${words}`;

/** The name of a file in the service. */
const hashOf = (content: string): string => createHash("sha256").update(content).digest("hex");

/** Makes the file of a document, which determines its parse result. */
export type Files = Readonly<Record<string, string>>;

export const FILES: Files = { "a.pdf": "alpha one", "b.pdf": "beta two", "c.pdf": "gamma three" };

/** Makes a result with a page header and a segment for each word of the file, each of which becomes one split. */
export const resultOf = (words: string): Record<string, unknown> => ({
  chunks: ["head", ...words.split(" ").filter(Boolean)].map((word, index) => ({
    chunk_id: `chunk-${word}`,
    segments: [
      {
        segment_id: `segment-${word}`,
        segment_type: index === 0 ? "PageHeader" : "Table",
        content: index === 0 ? "Report" : `| key |\n| --- |\n| ${word} |`,
        page_number: 1,
        bbox: { left: 0, top: index * 10, width: 100, height: 8 },
        confidence: 0.9,
      },
    ],
  })),
});

export interface WorldOptions {
  store?: "qdrant" | "lancedb";
  emulator?: Partial<EmulatorOptions>;
  /** Time limit of one request to any service, for faults that never answer. @default a minute */
  timeoutMs?: number;
  /** Whether files go through the presigned upload. @default false */
  presigned?: boolean;
}

export interface RunOptions extends Partial<Omit<IngestOptions, "sink" | "ledger" | "embeddings">> {
  /** @default the world's documents */
  sources?: AsyncIterable<DocumentSource>;
  wrapSink?: (sink: VectorSink) => VectorSink;
  wrapLedger?: (ledger: Ledger) => Ledger;
}

/** The end of a run: a report, or the error that prevented its start. */
export interface RunEnd {
  report?: IngestReport;
  error?: UnsiloedError;
  /** Problems that caches and archives reported. */
  problems: string[];
}

/** Everything a run needs: files, a parse service, an embedding service, a store, and the state of earlier runs. */
export class World {
  readonly directory: string;
  readonly emulator: Emulator;
  readonly openai: OpenAIServer;
  readonly qdrant: QdrantDouble;
  readonly #options: WorldOptions;
  readonly #clock: AutoAdvanceClock;
  readonly #wordsOf: Map<string, string>;
  #files: Files = {};

  private constructor(
    parts: Pick<World, "directory" | "emulator" | "openai" | "qdrant">,
    options: WorldOptions,
    clock: AutoAdvanceClock,
    wordsOf: Map<string, string>,
  ) {
    this.directory = parts.directory;
    this.emulator = parts.emulator;
    this.openai = parts.openai;
    this.qdrant = parts.qdrant;
    this.#options = options;
    this.#clock = clock;
    this.#wordsOf = wordsOf;
    this.files = FILES;
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const clock = new AutoAdvanceClock();
    const wordsOf = new Map<string, string>();
    const results = ({ sha256: hash }: Submission) => resultOf(wordsOf.get(hash) ?? "unknown");
    const [directory, emulator, openai, qdrant] = await Promise.all([
      mkdtemp(path.join(tmpdir(), "unsiloed-world-")),
      startEmulator({ results, apiKey: KEY, clock, renewIds: false, ...options.emulator }),
      OpenAIServer.start({ dimensions: 8 }),
      QdrantDouble.start(),
    ]);
    return new World({ directory, emulator, openai, qdrant }, options, clock, wordsOf);
  }

  path(name: string): string {
    return path.join(this.directory, name);
  }

  openSink(): VectorSink {
    const { store = "qdrant", timeoutMs } = this.#options;
    return store === "lancedb"
      ? new LanceDbSink({ directory: this.path("lancedb") })
      : new QdrantSink({ url: this.qdrant.url, clock: this.#clock, ...(timeoutMs && { timeoutMs }) });
  }

  openLedger(): LmdbLedger {
    return new LmdbLedger(this.path("ledger"));
  }

  get files(): Files {
    return this.#files;
  }

  /** Replaces the documents by files of these words; a file that is not given is removed. */
  set files(files: Files) {
    this.#files = files;
    for (const words of Object.values(files)) this.#wordsOf.set(hashOf(contentOf(words)), words);
  }

  /** Writes the documents below `docs`. @returns the command's arguments to ingest them into this world */
  async prepareCommand(): Promise<{ args: string[]; env: Record<string, string> }> {
    const { store = "qdrant" } = this.#options;
    const docs = this.path("docs");
    await rm(docs, { recursive: true, force: true });
    await mkdir(docs);
    for (const [name, words] of Object.entries(this.files))
      await writeFile(path.join(docs, name), contentOf(words));
    const place = store === "lancedb" ? `lancedb:${this.path("lancedb")}` : `qdrant:${this.qdrant.url}`;
    return {
      args: [
        "docs",
        "--root",
        "docs",
        "--state",
        this.directory,
        "--store",
        place,
        "--poll-interval",
        "20",
        "--rate-limit",
        "100000",
        "--json",
      ],
      env: {
        UNSILOED_API_KEY: KEY,
        UNSILOED_BASE_URL: this.emulator.url,
        OPENAI_API_KEY: EMBEDDING_KEY,
        OPENAI_BASE_URL: this.openai.baseURL,
      },
    };
  }

  /** Returns the documents as sources of a run. */
  loader(parse: ParseRequestOptions = {}): UnsiloedFileLoader {
    const { timeoutMs, presigned } = this.#options;
    const data = Object.entries(this.files).map(([name, words]) => ({
      name,
      data: Buffer.from(contentOf(words)),
    }));
    const client = new UnsiloedClient({
      apiKey: KEY,
      baseUrl: this.emulator.url,
      clock: this.#clock,
      random: () => 0.5,
      ...(timeoutMs && { requestTimeoutMs: timeoutMs, resultTimeoutMs: timeoutMs }),
      ...(presigned && { uploadThresholdBytes: 1 }),
    });
    return new UnsiloedFileLoader(data, { client, parse, words: true, wait: { timeoutMs: 60_000 } });
  }

  /** Runs once, as a separate process would: everything is opened first and closed in the end. */
  async run(options: RunOptions = {}): Promise<RunEnd> {
    const { wrapSink = (sink) => sink, wrapLedger = (ledger) => ledger, sources, ...rest } = options;
    const { timeoutMs = 60_000 } = this.#options;
    const problems: string[] = [];
    const onProblem = ({ code }: UnsiloedError) => problems.push(code);
    const openai = new PackedOpenAIEmbeddings({
      apiKey: EMBEDDING_KEY,
      baseURL: this.openai.baseURL,
      timeoutMs,
      clock: new SkippingClock(timeoutMs),
      maxRetries: 2,
    });
    const embeddings = new CachedEmbeddings(openai, { directory: this.path("embeddings"), onProblem });
    const results = new KeptResults({ directory: this.path("results"), mode: "all", onProblem });
    const ledger = this.openLedger();
    const sink = this.openSink();
    try {
      const report = await ingest(sources ?? this.loader().sources(), {
        sink: wrapSink(sink),
        ledger: wrapLedger(ledger),
        embeddings,
        results,
        splitter: new SegmentSplitter(),
        ...rest,
      });
      return { report, problems };
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError)) throw thrown;
      return { error: thrown, problems };
    } finally {
      await Promise.all([sink.close(), embeddings.close(), ledger.close()]);
    }
  }

  /** Removes all remaining faults before the work starts. */
  undisturbed<T>(work: () => Promise<T>): Promise<T> {
    this.emulator.clearFaults();
    this.openai.faults.length = 0;
    this.qdrant.faults.clear();
    return work();
  }

  async close(): Promise<void> {
    await Promise.all([this.emulator.close(), this.openai.close(), this.qdrant.close()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}
