// Ingests a number of documents, the same saved results repeatedly under other ids: repeat.js REPEAT, where REPEAT is JSON.
import path from "node:path";
import {
  type DocumentSource,
  ingest,
  LmdbLedger,
  SegmentSplitter,
  UnsiloedResultLoader,
} from "unsiloed-ingest";
import { PackedOpenAIEmbeddings } from "unsiloed-ingest/embeddings/openai";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";
import { QdrantSink } from "unsiloed-ingest/stores/qdrant";
import { KEY, type Repeat, type Repeated } from "./work.js";

/** Parts of the run whose time is told, so that growth shows. */
const PARTS = 10;

const { addresses, documents, results, store, directory, hasLedger }: Repeat = JSON.parse(
  process.argv[2] ?? "",
);

function* sources(): Generator<DocumentSource> {
  for (let index = 0; index < documents; index++) {
    const docId = `document-${index}`;
    const loader = new UnsiloedResultLoader(results[index % results.length] ?? "", { docId, words: true });
    yield {
      docId,
      source: docId,
      async *read(options) {
        for await (const source of loader.sources()) yield* source.read(options);
      },
    };
  }
}

const sink =
  store === "qdrant"
    ? new QdrantSink({ url: addresses.store, collection: `repeat-${process.pid}` })
    : new LanceDbSink({ directory: path.join(directory, "lancedb") });
const embeddings = new PackedOpenAIEmbeddings({ apiKey: KEY, baseURL: addresses.embed });
const ledger = hasLedger ? new LmdbLedger(path.join(directory, "ledger")) : undefined;
const marks: { seconds: number; cpuSeconds: number }[] = [];
let stored = 0;

const mark = (): void => {
  const { user, system } = process.cpuUsage();
  marks.push({ seconds: performance.now() / 1_000, cpuSeconds: (user + system) / 1e6 });
};

mark();
const report = await ingest(sources(), {
  sink,
  embeddings,
  splitter: new SegmentSplitter(),
  ...(ledger && { ledger }),
  onEvent: ({ type }) => {
    if (type !== "source-stored") return;
    stored += 1;
    if (stored % Math.ceil(documents / PARTS) === 0) mark();
  },
});
await Promise.all([sink.close(), ledger?.close()]);
if (report.sources.succeeded !== documents) throw new Error(JSON.stringify(report.failures.slice(0, 3)));
const told: Repeated = { segments: report.segments.total, points: report.points.upserted, marks };
process.stdout.write(JSON.stringify(told));
