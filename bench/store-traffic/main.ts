/** Counts what is sent to Qdrant and answered for each document: `npx tsx bench/store-traffic/main.ts`. */
import { parseArgs } from "node:util";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { forgetDocument } from "../../src/ingest/forget.js";
import { ingest } from "../../src/ingest/ingest.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { QdrantSink } from "../../src/stores/qdrant/qdrant-sink.js";
import { QdrantDouble } from "../../test/support/qdrant-double/server.js";
import { makeResult, readSentences } from "../speed/workload.js";
import { Random } from "../support/random.js";

const DIMENSIONS = 1536;
const PAIRS = [
  { segments: 3, documents: 40 },
  { segments: 250, documents: 3 },
];

/** Unit vectors with all digits, different for each text and the same for the same text. */
const vectorOf = (text: string): number[] => {
  const random = new Random([...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7));
  const numbers = Array.from({ length: DIMENSIONS }, () => random.next() * 2 - 1);
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
};

const embeddings = {
  model: "random",
  sharesRequests: true,
  embedDocuments: async (texts: string[]) => texts.map(vectorOf),
  embedQuery: async (text: string) => vectorOf(text),
};

type Result = ReturnType<typeof makeResult>;

/** Changes the text of some segments. */
const changed = (result: Result, isChanged: (index: number) => boolean): Result => {
  let index = 0;
  const change = <T extends { content: string; markdown: string }>(segment: T): T =>
    isChanged(index++)
      ? { ...segment, content: `${segment.content} Amended.`, markdown: `${segment.markdown} Amended.` }
      : segment;
  const chunks = result.chunks.map((chunk) => ({ ...chunk, segments: chunk.segments.map(change) }));
  return { ...result, chunks };
};

const sentences = await readSentences();
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const rows: Record<string, unknown>[] = [];

for (const { segments, documents } of PAIRS) {
  const results = Array.from({ length: documents }, (_, index) => makeResult(segments, index + 1, sentences));
  const double = await QdrantDouble.start();
  const ledger = new MemoryLedger();
  const sink = new QdrantSink({ url: double.url });

  const run = async (
    what: string,
    given: Result[],
    prefix = "document",
    hasLedger = true,
    verify = false,
  ) => {
    const from = double.requests.length;
    async function* sources() {
      for (const [index, result] of given.entries())
        yield* new UnsiloedResultLoader(result, { docId: `${prefix} ${index}` }).sources();
    }
    const splitter = new SegmentSplitter();
    const report = await ingest(sources(), {
      sink,
      embeddings,
      splitter,
      ...(hasLedger && { ledger }),
      verify,
    });
    if (report.failures.length > 0) throw new Error(JSON.stringify(report.failures[0]));
    if (prefix === "renamed")
      for (const index of given.keys()) await forgetDocument(`document ${index}`, { sink, ledger });
    const requests = double.requests
      .slice(from)
      .filter(({ path }) => path.includes("/points") || path.endsWith("/facet"));
    const kinds = new Map<string, number>();
    for (const { method, path, body } of requests) {
      const hasVectors =
        typeof body === "object" && body !== null && "with_vector" in body && body.with_vector !== false;
      const kind = `${method} ${path.split("/").slice(3).join("/")}${hasVectors ? " with vectors" : ""}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const sum = (of: "bytes" | "answered") => requests.reduce((total, one) => total + one[of], 0);
    rows.push({
      segments,
      run: what,
      requests: (requests.length / documents).toFixed(2),
      "kB up": (sum("bytes") / documents / 1000).toFixed(2),
      "kB down": (sum("answered") / documents / 1000).toFixed(2),
      ...(values.json && { points: report.points }),
      kinds: [...kinds].map(([kind, count]) => `${kind} ${(count / documents).toFixed(2)}`).join(", "),
    });
  };

  await run("first load", results);
  await run("unchanged", results);
  await run("unchanged, verified", results, "document", true, true);
  await run("unchanged, no ledger", results, "document", false);
  const edited = results.map((result) => changed(result, (index) => index === 1));
  await run("one segment changed", edited);
  const rewritten = results.map((result) => changed(result, () => true));
  await run("all segments changed", rewritten);
  await run("renamed", rewritten, "renamed");
  await sink.close();
  await double.close();
}
if (values.json) console.log(JSON.stringify(rows, null, 2));
else for (const row of rows) console.log(`| ${Object.values(row).join(" | ")} |`);
