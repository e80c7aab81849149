import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/openai-embeddings.js";
import { startEmulator } from "../../src/emulator/server.js";
import { ingest } from "../../src/ingest/ingest.js";
import { LmdbLedger } from "../../src/ledger/lmdb/lmdb-ledger.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { QdrantSink } from "../../src/stores/qdrant/qdrant-sink.js";
import { OpenAIServer } from "../../test/support/openai/server.js";
import { smallResult } from "../../test/support/parse-service.js";
import { QdrantDouble } from "../../test/support/qdrant-double/server.js";

/** What a second run over unchanged documents did in addition to hashing them. */
interface Row {
  store: string;
  documents: number;
  unchanged: number;
  parseCalls: number;
  embeddingCalls: number;
  /** Requests to the store that write; LanceDB: files of the store that were made, changed or removed. */
  storeWrites: number;
  /** Files of ledger, kept results and cached vectors that were changed. */
  stateWrites: number;
  msPerDocument: number;
}

/** Returns size and modification time of every file below a directory, except for the lock file of LMDB. */
const snapshot = async (directory: string): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile() || entry.name === "lock.mdb") continue;
    const file = path.join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await stat(file);
    files.set(file, `${size} ${mtimeMs}`);
  }
  return files;
};

const changes = (before: Map<string, string>, after: Map<string, string>): number =>
  [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file))
    .length;

const isWrite = (request: string): boolean =>
  !/^GET |\/points\/(?:query|scroll|count|search)$|^POST \/collections\/[^/]+\/points$/.test(request);

const measure = async (store: "lancedb" | "qdrant", documents: number): Promise<Row> => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-unchanged-"));
  const docs = path.join(directory, "docs");
  const state = path.join(directory, "state");
  await mkdir(docs);
  for (let index = 0; index < documents; index++)
    await writeFile(path.join(docs, `${index}.pdf`), `%PDF-1.7 ${index} ${"x".repeat(20_000)}`);
  const emulator = await startEmulator({ results: smallResult(2, 3) });
  const openai = await OpenAIServer.start({ dimensions: 64 });
  const storeRequests: string[] = [];
  const qdrant = await QdrantDouble.start({
    beforeAnswer: async ({ method, path: at }) => {
      storeRequests.push(`${method} /${at}`);
    },
  });
  const run = async () => {
    const client = new UnsiloedClient({
      apiKey: "k",
      baseUrl: emulator.url,
      rateLimit: { requests: 1_000_000, windowMs: 1_000 },
    });
    const loader = new UnsiloedFileLoader(docs, { client, root: docs, wait: { pollIntervalMs: 1 } });
    const embeddings = new CachedEmbeddings(
      new PackedOpenAIEmbeddings({ apiKey: "sk-x", baseURL: openai.baseURL }),
      { directory: path.join(state, "embeddings") },
    );
    const sink =
      store === "qdrant"
        ? new QdrantSink({ url: qdrant.url })
        : new LanceDbSink({ directory: path.join(directory, "store") });
    const ledger = new LmdbLedger(path.join(state, "ledger"));
    const results = new KeptResults({ directory: path.join(state, "results") });
    try {
      const splitter = new SegmentSplitter();
      return await ingest(loader.sources(), {
        sink,
        embeddings,
        splitter,
        ledger,
        results,
        concurrency: { parse: 16 },
      });
    } finally {
      await Promise.all([sink.close(), embeddings.close(), ledger.close()]);
    }
  };
  try {
    const first = await run();
    if (first.sources.succeeded !== documents) throw new Error(JSON.stringify(first.failures.slice(0, 3)));
    const before = { store: await snapshot(path.join(directory, "store")), state: await snapshot(state) };
    const calls = { parse: emulator.requests.length, embed: openai.requests.length };
    storeRequests.length = 0;
    const second = await run();
    const stored = changes(before.store, await snapshot(path.join(directory, "store")));
    return {
      store,
      documents,
      unchanged: second.sources.unchanged,
      parseCalls: emulator.requests.length - calls.parse,
      embeddingCalls: openai.requests.length - calls.embed,
      storeWrites: store === "qdrant" ? storeRequests.filter(isWrite).length : stored,
      stateWrites: changes(before.state, await snapshot(state)),
      msPerDocument: second.duration_ms / documents,
    };
  } finally {
    await Promise.all([emulator.close(), openai.close(), qdrant.close()]);
    await rm(directory, { recursive: true, force: true });
  }
};

const { values } = parseArgs({
  options: {
    documents: { type: "string", default: "1000" },
    check: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rows = [
  await measure("lancedb", Number(values.documents)),
  await measure("qdrant", Number(values.documents)),
];
if (values.json) console.log(JSON.stringify(rows));
else console.table(rows.map((row) => ({ ...row, msPerDocument: row.msPerDocument.toFixed(2) })));
const missed = rows.filter(
  ({ documents, unchanged, parseCalls, embeddingCalls, storeWrites, stateWrites }) =>
    unchanged !== documents || parseCalls + embeddingCalls + storeWrites + stateWrites > 0,
);
for (const { store } of missed) console.error(`${store}: something was called or written`);
if (values.check && missed.length > 0) process.exitCode = 1;
