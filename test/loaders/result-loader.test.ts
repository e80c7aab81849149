import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { BaseDocumentLoader } from "@langchain/core/document_loaders/base";
import { describe, expect, it, vi } from "vitest";
import { emptyCounts } from "../../loaders/load-run.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { documentMetadataSchema } from "../../src/documents/metadata.js";
import type { ParsedResult } from "../../src/documents/result.js";
import { UnsiloedError } from "../../src/errors.js";
import { DIALECTS } from "../../src/parse-api/jobs/dialects.js";
import {
  API_KEY,
  collect,
  errorOf,
  openService,
  REPORT,
  readReport,
  smallResult,
  temporaryDirectory,
} from "../support/parse-service.js";

const save = async (name: string, value: unknown): Promise<string> => {
  const file = path.join(await temporaryDirectory(), name);
  await writeFile(file, value instanceof Uint8Array ? value : JSON.stringify(value));
  return file;
};

describe("UnsiloedResultLoader", () => {
  it("makes a Document of every segment, in reading order, with all its metadata", async () => {
    const loader = new UnsiloedResultLoader(REPORT, { root: path.dirname(REPORT) });
    const documents = await loader.load();
    expect(loader).toBeInstanceOf(BaseDocumentLoader);
    expect(documents).toHaveLength(54);
    expect(loader.counts).toEqual({ ...emptyCounts(), total: 54, kept: 54 });
    for (const [index, { metadata }] of documents.entries()) {
      documentMetadataSchema.parse(metadata);
      expect(metadata).toMatchObject({
        source: REPORT,
        doc_id: "annual-report.json",
        job_id: "f2f38454-872d-4ac9-afcd-5b1cfad7c683",
        segment_index: index,
        loc: { pageNumber: metadata.page_number },
      });
    }
    expect(documents[1]?.pageContent).toBe("# Aurora Grid Storage plc Annual Report 2025");
    expect(documents[2]?.metadata.section_path).toEqual(["Aurora Grid Storage plc Annual Report 2025"]);
  });

  it("yields the same Documents one at a time", async () => {
    const loader = new UnsiloedResultLoader(REPORT);
    expect(await collect(loader.lazyLoad())).toEqual(await loader.load());
  });

  it("is read from its file, and not kept once more", async () => {
    const [source] = await collect(new UnsiloedResultLoader(REPORT).sources());
    const read = vi.fn(async () => undefined);
    const keep = vi.fn((result: ParsedResult) => result);
    expect(source && (await collect(source.read({ results: { read, keep } })))).toHaveLength(54);
    expect([...read.mock.calls, ...keep.mock.calls]).toEqual([]);
  });

  it("keeps a signature and a seal without text", async () => {
    const segments = ["Signature", "Seal", "Text"].map((segment_type) => ({
      segment_type,
      page_number: 1,
      content: "",
    }));
    const loader = new UnsiloedResultLoader({ chunks: [{ segments }] }, { filter: {} });
    const documents = await loader.load();
    expect(documents.map(({ metadata }) => metadata.segment_type)).toEqual(["Signature", "Seal"]);
    expect(loader.counts.filtered.empty).toBe(1);
  });

  it("reads the results of both dialects in the same way", async () => {
    const report = await readReport();
    const [older, newer] = await Promise.all(
      DIALECTS.map(async (dialect) => {
        const { emulator } = await openService({ results: report, dialect, renewIds: false });
        const address = `${emulator.url}/parse/${emulator.addJob()}`;
        const answer = await fetch(address, { headers: { "api-key": API_KEY } });
        return new UnsiloedResultLoader(await save("saved.json", await answer.json()), {
          docId: "a",
          words: true,
        }).load();
      }),
    );
    const lasting = (documents: typeof older) =>
      documents?.map(({ pageContent, metadata: { job_id: _job, source: _source, ...metadata } }) => ({
        pageContent,
        metadata,
      }));
    expect(older).toHaveLength(54);
    expect(lasting(newer)).toEqual(lasting(older));
  });

  it("leaves out what the options say, and counts it", async () => {
    const result = smallResult(1, 1);
    const page = { page_number: 1 };
    result["chunks"] = [
      {
        segments: [
          { ...page, segment_type: "Header", content: "Head" },
          { ...page, segment_type: "Text", content: "  " },
          { ...page, segment_type: "Text", content: "Body" },
          { ...page, segment_type: "PageFooter", content: "1" },
        ],
      },
    ];
    const counts = (kept: number, left: object) => {
      const { filtered, ...nothing } = emptyCounts();
      return { ...nothing, total: 4, kept, filtered: { ...filtered, ...left } };
    };
    const texts = async (filter?: object) => {
      const loader = new UnsiloedResultLoader(result, filter ? { filter } : {});
      const documents = await loader.load();
      return [
        documents.map(({ pageContent, metadata }) => [metadata.segment_index, pageContent]),
        loader.counts,
      ];
    };
    expect(await texts()).toEqual([
      [
        [0, "Head"],
        [1, ""],
        [2, "Body"],
        [3, "1"],
      ],
      counts(4, { page_header: 0, page_footer: 0, empty: 0 }),
    ]);
    expect(await texts({})).toEqual([[[2, "Body"]], counts(1, { page_header: 1, page_footer: 1, empty: 1 })]);
    expect(await texts({ empty: true, pageFooters: true })).toEqual([
      [
        [1, ""],
        [2, "Body"],
        [3, "1"],
      ],
      counts(3, { page_header: 1, page_footer: 0, empty: 0 }),
    ]);
  });

  it("uses the words to find the level of a heading of two lines", async () => {
    const heading = (content: string, height: number, lines: number) => ({
      segment_type: "SectionHeader",
      page_number: 1,
      content,
      bbox: { left: 0, top: 0, width: 1000, height },
      ocr: Array.from({ length: lines }, (_, line) => ({
        text: "w",
        bbox: { left: 0, top: (line * height) / lines, width: 9, height: height / lines },
      })),
    });
    const segments = [heading("Results", 34, 1), heading("Costs and fees", 50, 2), heading("Risks", 34, 1)];
    const documents = await new UnsiloedResultLoader({ chunks: [{ segments }] }, { words: true }).load();
    expect(documents.map(({ metadata }) => metadata.section_path.join(" > "))).toEqual([
      "Results",
      "Results > Costs and fees",
      "Risks",
    ]);
  });

  it("returns sources that leave nothing out", async () => {
    const loader = new UnsiloedResultLoader(REPORT, { filter: {} });
    const [source, ...others] = await collect(loader.sources());
    expect(others).toEqual([]);
    expect(source).toMatchObject({ source: REPORT, docId: path.relative(process.cwd(), REPORT) });
    expect(source && (await collect(source.read()))).toHaveLength(54);
  });

  it("reads gzip files with any name, bytes, and the response object", async () => {
    const text = await readFile(REPORT);
    const expected = (await new UnsiloedResultLoader(REPORT).load()).map(({ pageContent }) => pageContent);
    for (const result of [
      await save("r.json.gz", gzipSync(text)),
      await save("r.json", gzipSync(text)),
      new Uint8Array(text),
      gzipSync(text),
      await readReport(),
    ]) {
      const loader = new UnsiloedResultLoader(result);
      expect((await loader.load()).map(({ pageContent }) => pageContent)).toEqual(expected);
    }
  });

  it("identifies a result in memory by its job, otherwise by its content, or by a given id", async () => {
    const idOf = async (result: object, options = {}) =>
      (await new UnsiloedResultLoader({ ...result }, options).load())[0]?.metadata.doc_id;
    expect(await idOf({ ...smallResult(), job_id: "j1" })).toBe("job:j1");
    const anonymous = await idOf(smallResult());
    expect(anonymous).toMatch(/^result:[0-9a-f]{32}$/);
    expect(await idOf(smallResult())).toBe(anonymous);
    expect(await idOf(smallResult(2))).not.toBe(anonymous);
    expect(await idOf(smallResult(), { docId: "handbook" })).toBe("handbook");
    const bytes = Buffer.from(JSON.stringify({ ...smallResult(), job_id: "j2" }));
    expect((await new UnsiloedResultLoader(bytes).load())[0]?.metadata).toMatchObject({
      doc_id: "job:j2",
      job_id: "j2",
      source: "job:j2",
    });
  });

  it("reads job fields that follow the chunks before it makes a Document", async () => {
    const { chunks } = smallResult(1, 2);
    for (const given of [
      await save("late.json", { chunks, job_id: "late" }),
      await save("late.json.gz", gzipSync(JSON.stringify({ chunks, job_id: "late" }))),
      Buffer.from(JSON.stringify({ chunks, job_id: "late" })),
    ])
      expect((await new UnsiloedResultLoader(given).load()).map(({ metadata }) => metadata.job_id)).toEqual([
        "late",
        "late",
      ]);
    const failed = new UnsiloedResultLoader(await save("failed.json", { chunks, status: "Failed" }));
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const document of failed.lazyLoad()) seen.push(document);
    };
    expect((await errorOf(reading())).code).toBe("JOB_FAILED");
    expect(seen).toEqual([]);
  });

  it("respects the given limits", async () => {
    const error = await errorOf(
      new UnsiloedResultLoader(smallResult(1, 3), { limits: { segments: 2 } }).load(),
    );
    expect(error.message).toContain("expected at most 2 segments");
    const file = await save("r.json", smallResult(1, 3));
    expect(
      (await errorOf(new UnsiloedResultLoader(file, { limits: { bytes: 50 } }).load())).message,
    ).toContain("larger than 50 bytes");
    const deep = { chunks: [], more: JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`) };
    expect((await errorOf(new UnsiloedResultLoader(deep).load())).code).toBe("INVALID_RESULT");
  });

  it("makes one source of each file, with its own Documents", async () => {
    const first = await save("a.json", smallResult(1, 1));
    const second = await save("b.json", { ...smallResult(1, 2), job_id: "j2" });
    const loader = new UnsiloedResultLoader([first, second, `${path.dirname(first)}/./a.json`], {
      docId: (source) => `doc ${path.basename(source)}`,
    });
    const documents = await loader.load();
    expect(
      documents.map(({ metadata }) => [metadata.doc_id, metadata.job_id, metadata.segment_index]),
    ).toEqual([
      ["doc a.json", null, 0],
      ["doc b.json", "j2", 0],
      ["doc b.json", "j2", 1],
    ]);
  });

  it("reads every result of a directory or glob, each once, and names what is none", async () => {
    const directory = await temporaryDirectory();
    await mkdir(path.join(directory, "sub"));
    const result = JSON.stringify(smallResult(1, 1));
    await writeFile(path.join(directory, "a.json"), result);
    await writeFile(path.join(directory, "sub/b.JSON.gz"), gzipSync(result));
    await writeFile(path.join(directory, "sub/.hidden.json"), "broken");
    await writeFile(path.join(directory, "notes.txt"), "none");
    const idsOf = async (results: string | string[], options = {}) => {
      const loader = new UnsiloedResultLoader(results, { root: directory, ...options });
      return (await loader.load()).map(({ metadata }) => metadata.doc_id);
    };
    expect(await idsOf(directory)).toEqual(["a.json", "sub/b.JSON.gz"]);
    expect(await idsOf(`${directory}/**/*.gz`)).toEqual(["sub/b.JSON.gz"]);
    expect(await idsOf([`${directory}/a.json`, directory, `${directory}/*.json`])).toEqual([
      "a.json",
      "sub/b.JSON.gz",
    ]);

    await writeFile(path.join(directory, "sub/questions.json"), "[]");
    const loader = new UnsiloedResultLoader(directory, { onError: "skip" });
    expect(await loader.load()).toHaveLength(2);
    const source = path.join(directory, "sub/questions.json");
    expect(loader.failures).toMatchObject([{ source, error: { code: "INVALID_RESULT" } }]);
    for (const [named, message] of [
      [`${directory}/*.txt`, "*.txt: no match is a saved result; expected .json or .json.gz"],
      [`${directory}/none/*`, "none/*: matches no file"],
    ] as const) {
      const error = await errorOf(new UnsiloedResultLoader(named).load());
      expect(error).toMatchObject({ code: "FILE_NOT_FOUND", context: { source: named } });
      expect(error.message).toContain(message);
    }
  });

  it("gives Documents the title that was given, or that of the result's document", async () => {
    const titleOf = async (result: object, options = {}) =>
      (await new UnsiloedResultLoader({ ...result }, options).load())[0]?.metadata.title;
    expect(await titleOf({ ...smallResult(), file_name: "acme-lease.pdf" })).toBe("acme lease");
    expect(await titleOf(smallResult(), { title: "Depot" })).toBe("Depot");
    expect(await titleOf(smallResult(), { title: (source: string) => `About ${source}` })).toBe(
      "About result",
    );
    const files = [await save("annual_report.json", smallResult()), await save("b.json", smallResult())];
    const title = (source: string) => (source === files[1] ? "Named" : undefined);
    const documents = await new UnsiloedResultLoader(files, { title }).load();
    expect(new Set(documents.map(({ metadata }) => metadata.title))).toEqual(
      new Set(["annual report", "Named"]),
    );
    const several = await errorOf(new UnsiloedResultLoader(files, { title: "Same" }).load());
    expect(several.message).toContain("title: a text names one source but 2 were given");
    expect(await titleOf(await readReport())).toBe("Aurora Grid Storage plc Annual Report 2025");
  });

  it("refuses the same id for two results", async () => {
    const files = [await save("a.json", smallResult()), await save("b.json", smallResult())];
    const several = await errorOf(new UnsiloedResultLoader(files, { docId: "same" }).load());
    expect(several.code).toBe("INVALID_OPTION");
    expect(several.message).toContain("docId: a text names one source but 2 were given");
    const conflict = await errorOf(
      collect(new UnsiloedResultLoader(files, { docId: () => "same" }).sources()),
    );
    expect(conflict.message).toContain(`docId: "same" stands for both ${files[0]} and ${files[1]}`);
    const empty = await errorOf(new UnsiloedResultLoader(files, { docId: () => "" }).load());
    expect(empty.message).toContain("docId: expected a text for");
  });

  it("keeps pictures and word boxes when asked to", async () => {
    const result = smallResult(1, 1);
    const word = { text: "a", bbox: { left: 0, top: 0, width: 1, height: 1 } };
    result["chunks"] = [
      { segments: [{ segment_type: "Picture", page_number: 1, image: "data:x", ocr: [word] }] },
    ];
    const metadataWith = async (options: object) =>
      (await new UnsiloedResultLoader(result, options).load())[0]?.metadata;
    expect(await metadataWith({})).not.toHaveProperty("image");
    expect(await metadataWith({})).not.toHaveProperty("ocr");
    expect(await metadataWith({ images: true, words: true })).toMatchObject({ image: "data:x", ocr: [word] });
  });

  it("reports on one line what is wrong with a file", async () => {
    const directory = await temporaryDirectory();
    await mkdir(path.join(directory, "d.json"));
    const missing = path.join(directory, "none.json");
    for (const [file, code, message] of [
      [missing, "FILE_NOT_FOUND", `${missing}: no such file`],
      [path.join(directory, "d.json"), "FILE_NOT_FOUND", "the directory holds no saved result"],
      [await save("empty.json", new Uint8Array()), "INVALID_RESULT", "empty.json: empty"],
      [await save("cut.json", Buffer.from('{"chunks": [')), "INVALID_RESULT", "cut.json: not valid JSON"],
      [
        await save("other.json", { pages: [] }),
        "INVALID_RESULT",
        'an object with "chunks", found an object with pages',
      ],
      [await save("failed.json", { status: "Failed", message: "corrupted" }), "JOB_FAILED", "corrupted"],
    ] as const) {
      const error = await errorOf(new UnsiloedResultLoader(file).load());
      expect(error).toMatchObject({ code, context: { source: file } });
      expect(error.message).toContain(message);
      expect(error.message).not.toContain("\n");
    }
  });

  it("throws the first failure, or continues with the others", async () => {
    const good = await save("good.json", smallResult(1, 3));
    const bad = await save("bad.json", { pages: [] });
    const throwing = new UnsiloedResultLoader([good, bad]);
    expect((await errorOf(throwing.load())).context.source).toBe(bad);
    expect(throwing.failures).toMatchObject([{ source: bad, error: { code: "INVALID_RESULT" } }]);
    const onFailure = vi.fn();
    const skipping = new UnsiloedResultLoader([bad, good], { onError: "skip", onFailure });
    expect(await skipping.load()).toHaveLength(3);
    expect(await collect(skipping.lazyLoad())).toHaveLength(3);
    expect(onFailure).toHaveBeenCalledTimes(2);
    expect(skipping.failures).toHaveLength(1);
    expect(skipping.counts.total).toBe(3);
  });

  it("loads nothing from a result without segments", async () => {
    expect(await new UnsiloedResultLoader({ chunks: [] }).load()).toEqual([]);
    expect(await new UnsiloedResultLoader([]).load()).toEqual([]);
  });

  it("refuses values that are not results, and unknown options", () => {
    const build =
      (results: never, options = {}) =>
      () =>
        new UnsiloedResultLoader(results, options);
    expect(build(5 as never)).toThrow("expected a path, a response object or bytes, got number");
    expect(build("" as never)).toThrow("got an empty path");
    expect(build([null] as never)).toThrow("got null");
    expect(build(REPORT as never, { chunkSize: 1 })).toThrow(
      "UnsiloedResultLoader: unknown option chunkSize",
    );
    expect(build(REPORT as never, { onError: "ignore" })).toThrow(UnsiloedError);
    expect(build(REPORT as never, { concurrency: 0 })).toThrow("concurrency: expected a number ≥ 1");
  });
});
