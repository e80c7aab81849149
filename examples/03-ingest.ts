// The whole way: parse, split, embed, store. A second run finds nothing to do.
import { ingest, SegmentSplitter } from "unsiloed-ingest";
import { StaticEmbeddings } from "unsiloed-ingest/embeddings/local";
import { UnsiloedFileLoader } from "unsiloed-ingest/loaders";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";
import { startParseApi, withDirectory } from "./support/offline.js";

await withDirectory(async (directory) => {
  const { client, emulator } = await startParseApi();
  const file = { name: "annual-report.pdf", data: new TextEncoder().encode("%PDF-1.7") };
  // Or a path, a pattern such as "contracts/**/*.pdf", or the address of a document.
  const loader = new UnsiloedFileLoader(file, { client });
  // Or `new QdrantSink({ url: "http://localhost:6333" })` and `new PackedOpenAIEmbeddings()`.
  const sink = new LanceDbSink({ directory });
  const embeddings = new StaticEmbeddings();
  const splitter = new SegmentSplitter();

  for (const run of ["first", "second"]) {
    const report = await ingest(loader.sources(), { sink, embeddings, splitter });
    console.log(`${run} run:`, report.segments, report.points);
  }
  await Promise.all([sink.close(), embeddings.close(), emulator.close()]);
});
