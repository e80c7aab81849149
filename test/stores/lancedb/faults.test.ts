import { chmod, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "@lancedb/lancedb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LanceDbSink, type LanceDbSinkOptions } from "../../../src/stores/lancedb/index.js";
import { atAngle, pointOf, pointsOf, SPEC } from "../../support/sink-data.js";

let root: string;
const sinks: LanceDbSink[] = [];
const sinkAt = (directory: string, options: LanceDbSinkOptions = {}): LanceDbSink => {
  const sink = new LanceDbSink({ directory, ...options });
  sinks.push(sink);
  return sink;
};

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "unsiloed-lancedb-"));
});
afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
  await rm(root, { recursive: true, force: true });
});

describe("options", () => {
  it("describes where points are stored", () => {
    expect(new LanceDbSink().description).toBe("lancedb:.unsiloed/lancedb (unsiloed)");
    expect(sinkAt("./x", { collection: "c" }).description).toBe("lancedb:./x (c)");
  });

  it.each([
    [{ collection: "a/b" }, "collection: expected a name of letters"],
    [{ collection: ".hidden" }, "collection: expected a name of letters"],
    [{ collection: "" }, "collection: expected a name of letters"],
    [{ directory: "" }, "directory: expected a string ≥ 1"],
    [{ directory: "gs://bucket/x" }, "directory: expected a local directory or s3://BUCKET/PREFIX"],
    [{ directory: "db://cloud" }, "directory: expected a local directory"],
    [{ fullText: { maxTokenLength: 0 } }, "fullText.maxTokenLength: expected a number ≥ 1, got 0 (number)"],
    // LanceDB itself would end the process.
    [{ fullText: { stem: "Klingon" } }, 'fullText.stem: expected "Arabic" or'],
    [{ compaction: true }, "unknown option compaction"],
  ])("names an option that is wrong: %j", (options, message) => {
    // Wrong on purpose, because JavaScript and configuration files have no types.
    const make = () => Reflect.construct(LanceDbSink, [options]);
    expect(make).toThrow(message);
  });

  it.each(["English", "Tamil", false] as const)("creates an index with the stemmer %s", async (stem) => {
    const sink = sinkAt(root, { fullText: { stem } });
    await sink.prepare(SPEC);
    await sink.upsert([pointOf(1, { content: "dividends" })]);
    const search = (text: string) => sink.search({ mode: "text", k: 1, text });
    expect(await search("DIVIDENDS")).toHaveLength(1);
    expect(await search("dividend")).toHaveLength(stem === "English" ? 1 : 0);
  });
});

describe("the directory", () => {
  it("is created by prepare, with its parents and any name", async () => {
    const directory = path.join(root, "with space", "ü%20#x?y");
    await sinkAt(directory).prepare(SPEC);
    expect(await readdir(directory)).toContain("unsiloed.lance");
  });

  it("is not created by reading", async () => {
    const directory = path.join(root, "nowhere");
    const sink = sinkAt(directory);
    const calls = [
      sink.open(),
      sink.count(),
      sink.upsert([pointOf(1)]),
      sink.search({ mode: "dense", k: 1, vector: atAngle(0) }),
    ];
    const refused = {
      code: "COLLECTION_NOT_FOUND",
      message: `there is no collection "unsiloed" in ${directory}: ingest something into it first, or check the name`,
    };
    // All at once, so that none rejects while another is waited for.
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(refused)));
    expect(await readdir(root)).toEqual([]);
  });

  it("cannot be a file, or be inside one", async () => {
    const file = path.join(root, "file");
    await writeFile(file, "x");
    await expect(sinkAt(file).prepare(SPEC)).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: `${file}: expected a directory for LanceDB, got a file; choose another one`,
    });
    await expect(sinkAt(path.join(file, "deeper")).prepare(SPEC)).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining("there is a file in place of a directory"),
    });
  });

  // The kernel allows no directories there, not even for root.
  it.runIf(process.platform === "linux")("must be writable", async () => {
    const error = await sinkAt("/proc/unsiloed")
      .prepare(SPEC)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringMatching(/^\/proc\/unsiloed/),
    });
  });

  it.skipIf(process.getuid?.() === 0)(
    "may be one that can only be read (skipped for root, who may write anywhere)",
    async () => {
      const writer = sinkAt(root);
      await writer.prepare(SPEC);
      await writer.upsert(pointsOf(3));
      await writer.close();
      const table = path.join(root, "unsiloed.lance");
      const directories = [
        root,
        table,
        ...["data", "_versions", "_transactions"].map((d) => path.join(table, d)),
      ];
      for (const directory of directories) await chmod(directory, 0o555);
      try {
        const reader = sinkAt(root);
        expect(await reader.search({ mode: "dense", k: 5, vector: atAngle(0) })).toHaveLength(3);
        await expect(reader.upsert([pointOf(9)])).rejects.toMatchObject({
          code: "STORE_UNREACHABLE",
          message: expect.stringContaining("not writable"),
        });
      } finally {
        for (const directory of directories) await chmod(directory, 0o755);
      }
    },
  );

  it("holds several collections", async () => {
    const [a, b] = [sinkAt(root, { collection: "a" }), sinkAt(root, { collection: "b" })];
    await a.prepare(SPEC);
    await expect(b.open()).rejects.toMatchObject({ code: "COLLECTION_NOT_FOUND" });
    await b.prepare({ dimensions: 3, model: "other" });
    await a.upsert(pointsOf(3));
    expect([await a.count(), await b.count()]).toEqual([3, 0]);
  });
});

describe("a table", () => {
  const table = () => path.join(root, "unsiloed.lance");

  it.each(["", "_transactions"])("that is incomplete is created again: %j", async (begun) => {
    await mkdir(path.join(table(), begun), { recursive: true });
    const sink = sinkAt(root);
    await expect(sink.open()).rejects.toMatchObject({ code: "COLLECTION_NOT_FOUND" });
    await sink.prepare(SPEC);
    expect(await sink.upsert([pointOf(1)])).toBe(1);
  });

  it("without an index, because the process died, gets one from the next run", async () => {
    const first = sinkAt(root);
    await first.prepare(SPEC);
    await first.upsert([pointOf(1, { content: "heron" })]);
    await first.close();
    const raw = await (await connect(root)).openTable("unsiloed");
    await raw.dropIndex("lexical_idx");
    const reader = sinkAt(root);
    expect((await reader.open()).modes).toEqual(["dense"]);
    const question = { mode: "text" as const, k: 1, text: "heron" };
    await expect(reader.search(question)).rejects.toMatchObject({ code: "UNSUPPORTED_SEARCH" });
    await sinkAt(root).prepare(SPEC);
    expect((await reader.open()).modes).toEqual(["dense", "text"]);
    expect(await reader.search(question)).toHaveLength(1);
  });

  it("of another program is not touched", async () => {
    await (await connect(root)).createTable("unsiloed", [{ id: "1", text: "x" }]);
    const sink = sinkAt(root);
    for (const call of [() => sink.prepare(SPEC), () => sink.open()]) {
      await expect(call()).rejects.toMatchObject({
        code: "STORE_MISMATCH",
        message: expect.stringContaining("another program"),
      });
    }
  });

  it.each(["data", "_versions"])("whose files in %s are damaged is named", async (part) => {
    const writer = sinkAt(root);
    await writer.prepare(SPEC);
    await writer.upsert(pointsOf(20));
    await writer.close();
    const files = await readdir(path.join(table(), part));
    await Promise.all(files.map((file) => truncate(path.join(table(), part, file), 12)));
    const sink = sinkAt(root);
    await expect(sink.search({ mode: "dense", k: 1, vector: atAngle(0) })).rejects.toMatchObject({
      code: "STORE_REFUSED",
      retryable: false,
      message: expect.stringMatching(
        /^collection "unsiloed" in .* failed: .*; if the files are damaged, remove/,
      ),
    });
  });

  it("without versions of its rows is not treated as new", async () => {
    const writer = sinkAt(root);
    await writer.prepare(SPEC);
    await writer.upsert(pointsOf(20));
    await writer.close();
    await rm(path.join(table(), "_versions"), { recursive: true });
    await expect(sinkAt(root).prepare(SPEC)).rejects.toMatchObject({ code: "STORE_REFUSED" });
  });

  it("that was removed and created again is not mistaken for the old one", async () => {
    const sink = sinkAt(root);
    await sink.prepare(SPEC);
    await sink.upsert(pointsOf(3));
    // Waits for the merging of files after an upsert, which would write into the removed directory.
    await sink.prepare(SPEC);
    await rm(table(), { recursive: true });
    await expect(sink.open()).rejects.toMatchObject({ code: "COLLECTION_NOT_FOUND" });
    await sink.prepare({ dimensions: 4, model: "another" });
    expect((await sink.open()).spec).toEqual({ dimensions: 4, model: "another" });
    expect(await sink.count()).toBe(0);
  });

  it("gives errors without locations in the database's source code", async () => {
    await mkdir(table());
    await writeFile(path.join(table(), "_versions"), "in the way");
    const error = await sinkAt(root)
      .prepare(SPEC)
      .catch((thrown: unknown) => String(thrown));
    expect(error).toMatch(/UnsiloedError/);
    expect(error).not.toMatch(/\.rs|cargo|rustc/);
  });
});

describe("a search", () => {
  it.each([0, -1, 1.5, Number.NaN])("refuses k = %d", async (k) => {
    const sink = sinkAt(root);
    await sink.prepare(SPEC);
    await expect(sink.search({ mode: "dense", k, vector: atAngle(0) })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  it("refuses a value that is not a vector", async () => {
    const sink = sinkAt(root);
    await sink.prepare(SPEC);
    const vector = atAngle(0).with(2, Number.NaN);
    await expect(sink.search({ mode: "dense", k: 1, vector })).rejects.toMatchObject({
      code: "STORE_REFUSED",
    });
  });
});
