import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { StaticEmbeddings } from "../../src/embeddings/local/static-embeddings.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/index.js";
import { ingest } from "../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { floats, startScripted } from "../support/openai/scripted-server.js";

const open = async (): Promise<LanceDbSink> => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-vectors-"));
  const sink = new LanceDbSink({ directory });
  onTestFinished(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });
  return sink;
};

/** Two pages with a table each, so that they stay apart. */
const sourcesOf = (...contents: string[]) =>
  new UnsiloedResultLoader(
    {
      chunks: contents.map((content, index) => ({
        chunk_id: `c${index}`,
        segments: [
          {
            segment_id: `s${index}`,
            segment_type: "Table",
            content: `| ${content} key |\n| --- |\n| ${content} |`,
            page_number: index + 1,
            bbox: { left: 0, top: 0, width: 100, height: 8 },
            confidence: 0.9,
          },
        ],
      })),
    },
    { docId: "doc" },
  ).sources();

class Broken extends HashedEmbeddings {
  readonly #vector: number[];

  constructor(vector: number[]) {
    super();
    this.#vector = vector;
  }

  override async embedDocuments(texts: string[]): Promise<number[][]> {
    const vectors = await super.embedDocuments(texts);
    return vectors.map((vector, index) => (texts[index]?.includes("beta") ? this.#vector : vector));
  }
}

describe("a vector that cannot be stored", () => {
  it.each([
    ["zeros", new Array<number>(32).fill(0), "a vector of zeros"],
    ["no number", [...new Array<number>(31).fill(0.1), Number.NaN], "a vector that is not finite"],
    ["another length", [1, 2, 3], "3 numbers, not 32 as for other texts"],
  ])("fails its split alone, and names page and segment: %s", async (_name, vector, words) => {
    const sink = await open();
    const report = await ingest(sourcesOf("alpha", "beta", "gamma"), {
      sink,
      embeddings: new Broken(vector),
      splitter: new SegmentSplitter(),
    });
    expect(report.failures).toMatchObject([
      { code: "EMBEDDING_FAILED", message: `page 2, segment 1: the model returned ${words}` },
    ]);
    expect(report.segments).toMatchObject({ stored: 2, failed: 1 });
    expect(await sink.count()).toBe(2);
  });

  it("is not that of the bundled model for a text of which it knows nothing", async () => {
    const sink = await open();
    const embeddings = new StaticEmbeddings();
    const report = await ingest(sourcesOf("\u{13000}\u{13001}"), {
      sink,
      embeddings,
      splitter: new SegmentSplitter(),
    });
    expect(report.failures).toEqual([]);
  });
});

describe("a text that breaks the server", () => {
  it("fails its split alone, and names page and segment", async () => {
    const server = await startScripted((request) =>
      request.inputs.some((text) => text.includes("beta"))
        ? { status: 500, body: { error: "NaN in output" } }
        : floats(request),
    );
    const sink = await open();
    const embeddings = new PackedOpenAIEmbeddings({ apiKey: "", baseURL: server.origin, maxRetries: 0 });
    const report = await ingest(sourcesOf("alpha", "beta", "gamma"), {
      sink,
      embeddings,
      splitter: new SegmentSplitter(),
    });
    expect(report.failures).toMatchObject([
      { code: "EMBEDDING_FAILED", message: expect.stringMatching(/^page 2, segment 1: .*500 NaN in output/) },
    ]);
    expect(report.segments).toMatchObject({ stored: 2, failed: 1 });
    expect(report.stopped).toBeNull();
  });
});
