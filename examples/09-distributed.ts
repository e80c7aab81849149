// Several machines share the work by one PostgreSQL database: any of them enqueues, any of them works. This example does
// both in one process. It needs a database: DATABASE_URL=postgres://user@host/database, and npm install pg pg-boss.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ingest, SegmentSplitter, UnsiloedFileLoader } from "unsiloed-ingest";
import { enqueueSources, findDescribed, PostgresState, QueueWorker } from "unsiloed-ingest/distributed";
import { StaticEmbeddings } from "unsiloed-ingest/embeddings/local";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";
import { startParseApi, withDirectory } from "./support/offline.js";

const share = async (address: string, directory: string): Promise<void> => {
  const reports = path.join(directory, "reports");
  await mkdir(reports);
  for (const year of [2024, 2025]) await writeFile(path.join(reports, `${year}.pdf`), `%PDF-1.7 ${year}`);
  const { client, emulator } = await startParseApi();
  await PostgresState.migrate(address);
  const state = new PostgresState(address);
  const sink = new LanceDbSink({ directory: path.join(directory, "vectors") });
  const embeddings = new StaticEmbeddings();
  const splitter = new SegmentSplitter();

  // On one machine, as often as you like: what is stored as it is never enters the queue.
  const enqueue = () => {
    const loader = new UnsiloedFileLoader(reports, { client, words: true });
    return enqueueSources(loader.sources(), { state, sink, splitter });
  };
  console.log(await enqueue());

  // On any number of machines. A worker that is to stop aborts `drain`, at SIGTERM for instance.
  const drain = new AbortController().signal;
  const worker = new QueueWorker(state.queue, {
    findSource: (document) =>
      findDescribed(document, (name, options) =>
        new UnsiloedFileLoader(name, { client, words: true, ...options }).sources(),
      ),
    drain,
    untilEmpty: true,
    onProblem: ({ message }) => console.error(message),
  });
  const parts = { sink, embeddings, splitter, ledger: state.ledger };
  const report = await ingest(worker.sources(), { ...parts, drain, onEvent: worker.onEvent });
  await worker.close();
  console.log(report.sources);

  console.log(await enqueue());
  await Promise.all([state.close(), sink.close(), embeddings.close(), emulator.close()]);
};

const address = process.env["DATABASE_URL"];
if (address === undefined) console.log("Set DATABASE_URL to the address of a PostgreSQL database.");
else await withDirectory((directory) => share(address, directory));
