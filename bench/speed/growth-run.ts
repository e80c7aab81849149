// Runs a number of segments through the whole pipeline, in its own process, on services without latency.
//
//   growth-run.ts SEGMENTS EMBED STORE SEGMENTS-OF-A-FILE FILE…
import { type DocumentSource, ingest, SegmentSplitter, UnsiloedResultLoader } from "unsiloed-ingest";
import { PackedOpenAIEmbeddings } from "unsiloed-ingest/embeddings/openai";
import { QdrantSink } from "unsiloed-ingest/stores/qdrant";
import { stopwatch, tell } from "../support/child.js";

const [, , segments, embed = "", url = "", perFile, ...files] = process.argv;
const documents = Math.ceil(Number(segments) / Number(perFile));

/** Yields documents: the files repeatedly, each time with another id. */
function* sources(): Generator<DocumentSource> {
  for (let index = 0; index < documents; index++) {
    const file = files[index % files.length] ?? "";
    const docId = `document-${index}`;
    const loader = new UnsiloedResultLoader(file, { docId, words: true });
    yield {
      docId,
      source: docId,
      async *read(options) {
        for await (const source of loader.sources()) yield* source.read(options);
      },
    };
  }
}

const sink = new QdrantSink({ url, collection: `growth-${process.pid}` });
const embeddings = new PackedOpenAIEmbeddings({ apiKey: "bench", baseURL: embed });
const stop = stopwatch();
const report = await ingest(sources(), { sink, embeddings, splitter: new SegmentSplitter() });
const spent = stop();
if (report.sources.succeeded !== documents) throw new Error(JSON.stringify(report.failures.slice(0, 3)));
tell({ segments: report.segments.total, ...spent });
process.exit(0);
