import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UnsiloedFileLoader } from "../../../loaders/file-loader.js";
import { resultReader } from "../../../src/cli/setup/result-reader.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { ingest } from "../../../src/ingest/ingest.js";
import type { IngestOptions } from "../../../src/ingest/options.js";
import { type Inspector, startInspector } from "../../../src/inspect/server.js";
import { MemoryLedger } from "../../../src/ledger/memory-ledger.js";
import { KeptResults } from "../../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import { StructureSplitter } from "../../../src/splitters/structure-splitter.js";
import { LanceDbSink } from "../../../src/stores/lancedb/lancedb-sink.js";
import { AutoAdvanceClock } from "../clocks/auto-advance-clock.js";
import { HashedEmbeddings } from "../hashed-embeddings.js";

/** A file to ingest, and the parse result that the service answers it with. */
export interface InspectedFile {
  name: string;
  result: Record<string, unknown>;
  /** @default something that begins as a PDF file does */
  bytes?: Uint8Array;
}

/** Files that were ingested into a store of their own, and the page that shows them. */
export class InspectedFiles {
  readonly directory: string;
  readonly inspector: Inspector;
  readonly ledger: MemoryLedger;
  readonly sink: LanceDbSink;
  readonly results: KeptResults;

  private constructor(
    directory: string,
    inspector: Inspector,
    parts: Pick<InspectedFiles, "ledger" | "sink" | "results">,
  ) {
    this.directory = directory;
    this.inspector = inspector;
    this.ledger = parts.ledger;
    this.sink = parts.sink;
    this.results = parts.results;
  }

  static async open(
    files: readonly InspectedFile[],
    options: Partial<IngestOptions> = {},
  ): Promise<InspectedFiles> {
    const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-inspect-"));
    const docs = path.join(directory, "docs");
    const embeddings = new HashedEmbeddings();
    const ledger = new MemoryLedger();
    const sink = new LanceDbSink({ directory: path.join(directory, "lancedb") });
    const results = new KeptResults({ directory: path.join(directory, "results"), mode: "all" });
    for (const { name, bytes = Buffer.from(`%PDF-1.7 ${name}`) } of files) {
      await mkdir(path.dirname(path.join(docs, name)), { recursive: true });
      await writeFile(path.join(docs, name), bytes);
    }
    const byFileName = Object.fromEntries(files.map(({ name, result }) => [path.basename(name), result]));
    const clock = new AutoAdvanceClock();
    await using emulator = await startEmulator({ results: { byFileName }, clock, renewIds: false });
    const client = new UnsiloedClient({ apiKey: "any", baseUrl: emulator.url, clock });
    const loader = new UnsiloedFileLoader(
      files.map(({ name }) => path.join(docs, name)),
      { client, words: true, root: docs },
    );
    const splitter = new StructureSplitter();
    await ingest(loader.sources(), { sink, embeddings, splitter, ledger, results, ...options });
    const inspector = await startInspector({
      ledger,
      sink,
      state: "state",
      ...resultReader(results),
      openEmbeddings: async () => embeddings,
    });
    return new InspectedFiles(directory, inspector, { ledger, sink, results });
  }

  /** Asks the API of the page. The type of its answer is that of the contract. */
  async get<T>(name: string, query: Record<string, string | number> = {}): Promise<T> {
    const parameters = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const response = await fetch(`${this.inspector.url}api/${name}?${parameters}`);
    return JSON.parse(await response.text());
  }

  /** Sends a body to the API of the page. */
  async post<T>(name: string, body: unknown): Promise<T> {
    const response = await fetch(`${this.inspector.url}api/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return JSON.parse(await response.text());
  }

  /** Address of a document's page. */
  addressOf(doc: string, page = 1): string {
    return `${this.inspector.url}#/document?${new URLSearchParams({ doc, page: String(page) })}`;
  }

  async close(): Promise<void> {
    await this.inspector.close();
    await this.sink.close();
    await this.ledger.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
