// A program as users bundle it: tries what needs more than modules, and prints what came of each as JSON.
import { ingest, SegmentSplitter } from "unsiloed-ingest";
import { StaticEmbeddings } from "unsiloed-ingest/embeddings/local";
import { UnsiloedJobLoader, UnsiloedResultLoader } from "unsiloed-ingest/loaders";
import { SegmentRetriever } from "unsiloed-ingest/retrieval";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";

/** @param {() => Promise<unknown>} work */
const outcome = (work) => work().catch(({ code, message }) => ({ code, message }));

const main = async () => {
  const [, , file = "", directory, baseUrl] = process.argv;
  let threads = 0;
  process.on("worker", () => {
    threads += 1;
  });
  // Long enough for a thread.
  const html = `<table><!--${"-".repeat(1_000_000)}--><tr><td>Sites</td><td>12</td></tr></table>`;
  const markdown = "All of this is said again and again. ".repeat(400);
  const segments = [
    { segment_type: "Table", page_number: 1, html },
    { segment_type: "Text", page_number: 1, markdown },
  ];
  const long = await new UnsiloedResultLoader({ job_id: "job", chunks: [{ segments }] }).load();
  const here = await new SegmentSplitter({ threads: 0 }).transformDocuments(long);
  const inThread = await new SegmentSplitter({ threads: 1 }).transformDocuments(long);
  const outcomes = {
    splits: inThread.length,
    isSame: JSON.stringify(inThread) === JSON.stringify(here),
    threads,
    found: await outcome(async () => {
      const [sink, embeddings] = [new LanceDbSink({ directory }), new StaticEmbeddings()];
      await ingest(new UnsiloedResultLoader(file).sources(), {
        sink,
        embeddings,
        splitter: new SegmentSplitter(),
      });
      const [best] = await new SegmentRetriever({ sink, embeddings, k: 1 }).invoke("power of Larch East");
      return best?.pageContent;
    }),
    request: await outcome(() => new UnsiloedJobLoader("job", { apiKey: "key", baseUrl }).load()),
  };
  process.stdout.write(JSON.stringify(outcomes), () => process.exit());
};

main();
