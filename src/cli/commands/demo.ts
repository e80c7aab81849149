import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UnsiloedFileLoader } from "../../../loaders/file-loader.js";
import { StaticEmbeddings } from "../../embeddings/local/static-embeddings.js";
import { startEmulator } from "../../emulator/server.js";
import { ingest } from "../../ingest/ingest.js";
import type { IngestReport } from "../../ingest/run/report.js";
import { UnsiloedClient } from "../../parse-api/client.js";
import { searchSegments } from "../../retrieval/search.js";
import { StructureSplitter } from "../../splitters/structure-splitter.js";
import { LanceDbSink } from "../../stores/lancedb/lancedb-sink.js";
import type { SearchHit } from "../../stores/sink.js";
import { sampleFile } from "../setup/sample.js";
import { exitCodeOfReport } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import { Progress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { formatReport } from "./ingest.js";
import { formatHit } from "./search.js";

export interface DemoCommandOptions {
  json?: boolean;
}

const QUESTIONS = [
  "How much is the proposed dividend per share?",
  "number of near misses reported in 2024",
  "which risk is low likelihood but high impact",
];

/** Long enough to show that a job is waited for, short enough for a demo. */
const DELAYS = { startingMs: 500, queuedMs: 500, processingMs: 2000 };
const POLL_INTERVAL_MS = 1000;

interface Answered {
  question: string;
  hits: SearchHit[];
}

/**
 * Runs `unsiloed-ingest demo`. The emulator replaces the parse service and answers with the saved result of a sample
 * report; everything else is what a real run uses.
 */
export const runDemo = (options: DemoCommandOptions, out: Terminal): Promise<number> =>
  interruptible(out, async (signal) => {
    const sample = sampleFile();
    const { file_name: name }: { file_name: string } = JSON.parse(await readFile(sample, "utf8"));
    const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-demo-"));
    const emulator = await startEmulator({ results: sample, delays: DELAYS });
    const embeddings = new StaticEmbeddings();
    const sink = new LanceDbSink({ directory });
    out.say(`parse API: local emulator at ${emulator.url}, which answers with a saved result`);
    const progress = new Progress(out, 1);
    try {
      const client = new UnsiloedClient({ apiKey: "demo", baseUrl: emulator.url });
      const document = { data: new TextEncoder().encode("%PDF-1.7 stand-in for the report"), name };
      const loader = new UnsiloedFileLoader(document, {
        client,
        words: true,
        wait: { pollIntervalMs: POLL_INTERVAL_MS },
      });
      const report = await ingest(loader.sources(), {
        sink,
        embeddings,
        splitter: new StructureSplitter(),
        signal,
        onEvent: progress.on,
      });
      progress.stop();
      const answers: Answered[] = [];
      for (const question of QUESTIONS) {
        answers.push({
          question,
          hits: await searchSegments({ sink, embeddings }, question, { k: 1, signal }),
        });
      }
      if (options.json) out.json(asJson(report, answers));
      else out.print(asText(report, answers));
      return exitCodeOfReport(report);
    } finally {
      progress.stop();
      await Promise.all([emulator.close(), embeddings.close(), sink.close()]);
      await rm(directory, { recursive: true, force: true });
    }
  });

const asJson = (report: IngestReport, answers: readonly Answered[]): object => ({
  report,
  answers: answers.map(({ question, hits }) => ({
    question,
    hits: hits.map(({ id, score, content, metadata }) => ({ id, score, text: content, metadata })),
  })),
});

/** What to do after the demo, and how to read its figures. */
const NEXT = `
A score puts the hits of one question in order, the best first. It is no probability, and scores of two questions do
not compare. Confidence is how sure the parse service is of the text.

Next, with files of your own and no account:
  unsiloed-ingest emulator                 in another terminal: a stand-in for the parse API
  unsiloed-ingest ingest lease.pdf         after the two lines that the emulator prints
  unsiloed-ingest search "notice period"
With a key of https://www.unsiloed.ai in UNSILOED_API_KEY, the same commands parse your files.`;

const asText = (report: IngestReport, answers: readonly Answered[]): string =>
  [
    formatReport(report),
    ...answers.map(
      ({ question, hits }) => `\nQ: ${question}\n${hits.map(formatHit).join("\n") || "nothing found"}`,
    ),
    NEXT,
  ].join("\n");
