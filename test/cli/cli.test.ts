import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import type { EmulatorOptions } from "../../src/emulator/options.js";
import { startEmulator } from "../../src/emulator/server.js";
import { type CliOptions, type CliRun, runCli, runHosted } from "../support/cli/run-cli.js";
import { OpenAIServer } from "../support/openai/server.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");
const KEY = "key-that-must-not-leak";

describe("the command", () => {
  let cwd: string;
  let emulator: Emulator | undefined;
  let openai: OpenAIServer;

  beforeAll(async () => {
    openai = await OpenAIServer.start({ dimensions: 512 });
  });
  afterAll(() => openai.close());

  beforeEach(async () => {
    cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-cli-"));
    await copyFile(SAMPLE, path.join(cwd, "report.json"));
  });

  afterEach(async () => {
    await emulator?.close();
    emulator = undefined;
    await rm(cwd, { recursive: true, force: true });
  });

  const cli = (args: string[], options: Partial<CliOptions> = {}): Promise<CliRun> =>
    runHosted(args, { cwd, ...options });
  const cliAlone = (args: string[]): Promise<CliRun> => runCli(args, { cwd });

  /** Ingests with embeddings of a service, which is faster than loading the bundled model. */
  const quickly = (args: string[], env: Record<string, string> = {}): Promise<CliRun> =>
    cli(args, { env: { OPENAI_API_KEY: "sk-x", OPENAI_BASE_URL: openai.baseURL, ...env } });

  const online = async (options: Partial<EmulatorOptions> = {}) => {
    emulator = await startEmulator({ results: SAMPLE, apiKey: KEY, ...options });
    return { UNSILOED_API_KEY: KEY, UNSILOED_BASE_URL: emulator.url };
  };

  const pdf = (name: string) => writeFile(path.join(cwd, name), `%PDF-1.7 ${name}`);

  it("ingests a saved result with balanced counts, and adds no point the second time", async () => {
    const first = await cliAlone(["ingest", "result:report.json", "--json"]);
    expect(first.stderr).toContain("unsiloed-static-");
    expect(first.code).toBe(0);
    const report = JSON.parse(first.stdout);
    const filtered: number[] = Object.values(report.segments.filtered);
    expect(report.segments.total).toBe(54);
    expect(report.segments.stored + report.segments.failed + filtered.reduce((a, b) => a + b, 0)).toBe(54);
    expect(Object.keys(report)).toEqual([
      "sources",
      "failures",
      "stopped",
      "parsing",
      "left_out",
      "omitted",
      "segments",
      "documents",
      "points",
      "store",
      "embeddings",
      "duration_ms",
      "skipped",
    ]);

    const second = await cli(["ingest", "result:report.json", "--json"]);
    expect(JSON.parse(second.stdout).points).toEqual({
      upserted: 0,
      unchanged: report.points.upserted,
      deleted: 0,
    });

    const section = "Financial review";
    const within = await cli(["search", "net debt multiple", "--section", section, "--json"]);
    const paths: string[][] = JSON.parse(within.stdout).hits.map(
      (hit: { metadata: { section_path: string[] } }) => hit.metadata.section_path,
    );
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.every((headings) => headings.includes(section))).toBe(true);

    const idsOf = async (...filters: string[]): Promise<string[]> => {
      const found = await cli(["search", "net debt multiple", ...filters, "--json"]);
      return JSON.parse(found.stdout).hits.map((hit: { id: string }) => hit.id);
    };
    const everywhere = await idsOf();
    const [hit] = JSON.parse(within.stdout).hits;
    const { segment_id: segmentId, segment_index: segment } = hit.metadata;
    expect(everywhere.length).toBeGreaterThan(1);
    for (const filter of [
      ["--segment-id", segmentId],
      ["--segment", String(segment)],
    ]) {
      const narrowed = await idsOf(...filter);
      expect(narrowed).toContain(hit.id);
      expect(narrowed.length).toBeLessThan(everywhere.length);
    }
    expect(await idsOf("--doc-version", "another")).toEqual([]);

    const misspelt = await cli(["search", "net debt", "--type", "tabel"]);
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toContain('--type: expected a segment type, such as "Table", got "tabel"');
    const unknown = await cli(["search", "net debt", "--mode", "text", "--doc", "reprt.json", "report.json"]);
    expect(unknown.stderr).toMatch(/--doc: no document "reprt\.json" in .*; did you mean "report\.json"\?/);
    expect(unknown.stdout).toContain("report.json, page");

    const expanded = await cli([
      "search",
      "power of Larch East",
      "--k",
      "1",
      "--expand",
      "table",
      "caption",
      "--json",
    ]);
    const [table] = JSON.parse(expanded.stdout).hits;
    expect(table.metadata.expanded_from).toEqual([table.id]);
    expect(table.metadata.row_end - table.metadata.row_start).toBeGreaterThan(20);

    const found = await cli(["search", "net debt multiple of EBITDA", "--k", "3", "--json"]);
    expect(found.code).toBe(0);
    const { hits } = JSON.parse(found.stdout);
    expect(hits).toHaveLength(3);
    for (const { id, score, text, metadata } of hits) {
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(score).toBeTypeOf("number");
      expect(text).not.toBe("");
      expect(metadata).toMatchObject({
        page_number: expect.any(Number),
        bbox: expect.objectContaining({ left: expect.any(Number) }),
        segment_type: expect.any(String),
        confidence: expect.any(Number),
      });
    }

    const tables = await cli([
      "search",
      "book value",
      "--type",
      "Table",
      "--page",
      "4",
      "--mode",
      "text",
      "--json",
    ]);
    const tableHits: {
      metadata: { segment_type: string; boxes: { page_number: number }[]; bbox_precision: string };
    }[] = JSON.parse(tables.stdout).hits;
    expect(tableHits.length).toBeGreaterThan(0);
    for (const { metadata } of tableHits) {
      expect(metadata.segment_type).toBe("Table");
      expect(metadata.boxes.map((box) => box.page_number)).toContain(4);
      expect(metadata.bbox_precision).toBe("word");
    }
  });

  it("submits files, directories, patterns and jobs to the service, with OpenAI-compatible embeddings", async () => {
    const env = await online();
    const openai = await OpenAIServer.start({ dimensions: 64 });
    await mkdir(path.join(cwd, "in"));
    await pdf("in/a.pdf");
    await pdf("in/b.pdf");
    await pdf("c.pdf");
    const jobId = emulator?.addJob({ fileName: "d.pdf" });
    const run = await cli(["ingest", "in", "c*.pdf", `job:${jobId}`, "--json"], {
      env: { ...env, OPENAI_API_KEY: "sk-secret-of-openai", OPENAI_BASE_URL: openai.baseURL },
    });
    await openai.close();
    expect(run.code).toBe(0);
    const report = JSON.parse(run.stdout);
    expect(report.sources).toMatchObject({ total: 4, succeeded: 4, failed: 0 });
    expect(report.embeddings).toContain("text-embedding-3-small");
    expect(emulator?.submissions).toBe(3);
    expect(run.stdout + run.stderr).not.toContain(KEY);
    expect(run.stdout + run.stderr).not.toContain("sk-secret");
  });

  it("reads .env, but prefers the environment", async () => {
    await writeFile(path.join(cwd, ".env"), "QDRANT_URL=http://127.0.0.1:9\nOPENAI_API_KEY=\n");
    const run = await cli(["ingest", "result:report.json"]);
    expect(run.stderr).toContain("127.0.0.1");
    expect(run.code).toBe(2);
    const other = await quickly(["ingest", "result:report.json", "--store", "lancedb:db"], {
      QDRANT_URL: "x",
    });
    expect(other.code).toBe(0);
  });

  describe("bad input gives one clear line and the right exit code", () => {
    const lines = (text: string) => text.trim().split("\n");
    /** Text that the message must contain. */
    const complaint = ({ stderr }: CliRun) =>
      lines(stderr).filter((line) => /^error: |failed in stage/.test(line));

    const expectOneLine = (run: CliRun, code: number, ...parts: (string | RegExp)[]) => {
      expect(run.stderr).not.toMatch(/^\s+at /m);
      expect(complaint(run)).toHaveLength(1);
      for (const part of parts) expect(complaint(run)[0]).toMatch(part);
      expect(run.code).toBe(code);
    };

    it("no key", async () => {
      await pdf("a.pdf");
      expectOneLine(await cli(["ingest", "a.pdf"]), 2, "API_KEY_MISSING", "UNSILOED_API_KEY");
    });

    it("wrong key", async () => {
      await pdf("a.pdf");
      const env = { ...(await online()), UNSILOED_API_KEY: "another" };
      expectOneLine(await quickly(["ingest", "a.pdf"], env), 2, "UNAUTHORIZED", "API key");
    });

    it("no key of OpenAI", async () => {
      expectOneLine(
        await cli(["ingest", "result:report.json", "--embeddings", "openai"]),
        2,
        "API_KEY_MISSING",
        "OPENAI_API_KEY",
      );
    });

    it("missing file", async () => {
      expectOneLine(await quickly(["ingest", "no.pdf"]), 1, "FILE_NOT_FOUND", "no.pdf");
      expectOneLine(await quickly(["ingest", "result:no.json"]), 1, "FILE_NOT_FOUND", "no.json");
    });

    it("unsupported type", async () => {
      await writeFile(path.join(cwd, "a.exe"), "MZ");
      expectOneLine(await quickly(["ingest", "a.exe"], await online()), 1, "UNSUPPORTED_FILE", "a.exe");
      expect(emulator?.submissions).toBe(0);
    });

    it("broken JSON", async () => {
      await writeFile(path.join(cwd, "broken.json"), (await readFile(SAMPLE, "utf8")).slice(0, 5000));
      expectOneLine(await quickly(["ingest", "result:broken.json"]), 1, "INVALID_RESULT", "broken.json");
    });

    it("a result of another product", async () => {
      await writeFile(
        path.join(cwd, "other.json"),
        JSON.stringify({ elements: [{ type: "NarrativeText" }] }),
      );
      expectOneLine(await quickly(["ingest", "result:other.json"]), 1, "INVALID_RESULT", "chunks");
    });

    it("a result of another product that has chunks", async () => {
      await writeFile(path.join(cwd, "other.json"), JSON.stringify({ chunks: [{ text: "hello", id: 1 }] }));
      expectOneLine(await quickly(["ingest", "result:other.json"]), 1, "INVALID_RESULT", "segments");
    });

    it("a result of a job that had not ended", async () => {
      const unfinished = { status: "Processing", chunks: [{ segments: [] }] };
      await writeFile(path.join(cwd, "early.json"), JSON.stringify(unfinished));
      expectOneLine(await quickly(["ingest", "result:early.json"]), 1, "INVALID_RESULT", "Processing");
    });

    it("an unreadable .env", async () => {
      await mkdir(path.join(cwd, ".env"));
      expectOneLine(await cli(["ingest", "result:report.json"]), 2, "INVALID_OPTION", ".env");
    });

    it("empty result", async () => {
      await writeFile(path.join(cwd, "empty.json"), JSON.stringify({ status: "Succeeded", chunks: [] }));
      expectOneLine(await quickly(["ingest", "result:empty.json"]), 1, "EMPTY_RESULT", "no segments");
    });

    it("unreachable store", async () => {
      const store = ["--store", "qdrant:http://127.0.0.1:9"];
      expectOneLine(
        await quickly(["ingest", "result:report.json", ...store]),
        2,
        "STORE_UNREACHABLE",
        "127.0.0.1:9",
      );
    });

    it("wrong vector size", async () => {
      await quickly(["ingest", "result:report.json", "--embeddings", "openai:longer"]);
      const shorter = await OpenAIServer.start({ dimensions: 64 });
      const run = await quickly(["ingest", "result:report.json"], { OPENAI_BASE_URL: shorter.baseURL });
      await shorter.close();
      expectOneLine(run, 2, "STORE_MISMATCH", "512", "64", "--collection", "--embeddings");
    });

    it.each([
      [["ingest"], /source: expected files, directories, globs or addresses, got none/],
      [["ingest", "x", "--store", "mongodb:x"], /expected lancedb:DIRECTORY or qdrant:URL/],
      [["ingest", "result:report.json", "--embeddings", "word2vec"], /expected local or openai\[:MODEL\]/],
      [["ingest", "x", "--chunk-size", "big"], /expected a whole number/],
      [["search", "x", "--page", "9-2"], /expected a number such as 3 or a range/],
      [["search", "x", "--mode", "magic"], /dense, text, hybrid/],
      [["serach", "x"], /unknown command/],
      [["search", "x"], /COLLECTION_NOT_FOUND/],
    ])("%j", async (args, message) => {
      const run = await cliAlone(args);
      expect(run.stderr).toMatch(message);
      expect(run.stderr).not.toMatch(/^\s+at /m);
      expect(run.code).toBe(2);
    });
  });

  it("reads a source once, even when it is named in several ways", async () => {
    const run = await quickly(["ingest", "result:report.json", "result:./report.json", "--json"]);
    expect(JSON.parse(run.stdout).sources).toMatchObject({ total: 1, succeeded: 1, failed: 0 });
  });

  it("embeds a text once for several stores", async () => {
    const openai = await OpenAIServer.start({ dimensions: 64 });
    const env = { OPENAI_API_KEY: "sk-x", OPENAI_BASE_URL: openai.baseURL };
    await cli(["ingest", "result:report.json"], { env });
    const requests = openai.requests.length;
    const again = await cli(["ingest", "result:report.json", "--store", "lancedb:other", "--json"], { env });
    await openai.close();
    expect(JSON.parse(again.stdout).points.upserted).toBeGreaterThan(20);
    expect(requests).toBeGreaterThan(0);
    expect(openai.requests.length).toBe(requests);
  });

  it("reads gzipped results", async () => {
    await writeFile(path.join(cwd, "report.json.gz"), gzipSync(await readFile(SAMPLE)));
    const run = await quickly(["ingest", "result:report.json.gz", "--json"]);
    expect(JSON.parse(run.stdout).segments.total).toBe(54);
  });

  it("shows every step in the demo", async () => {
    const run = await cliAlone(["demo", "--json"]);
    expect(run.code).toBe(0);
    const { report, answers } = JSON.parse(run.stdout);
    expect(report.segments).toMatchObject({ total: 54, failed: 0 });
    expect(answers).toHaveLength(3);
    expect(answers[0].hits[0].text).toContain("42 cents");
    expect(answers[1].hits[0].text).toContain("530");
    expect(answers[2].hits[0].text).toMatch(/cyber/i);
  });
});
