import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FileSource, UnsiloedFileLoader } from "../../loaders/file-loader.js";
import type { SourceObserver } from "../../src/documents/source.js";
import { sha256, stableJson } from "../../src/internal/hashing.js";
import type { ParseRequestOptions } from "../../src/parse-api/jobs/request-options.js";
import { API_KEY, collect, errorOf, openService, pdf, temporaryDirectory } from "../support/parse-service.js";

/** Makes a directory with files of the given names, and runs the test in it. */
const filesNamed = async (...names: string[]): Promise<string> => {
  const directory = await temporaryDirectory();
  for (const name of names) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), name.endsWith("empty.pdf") ? "" : `%PDF ${name}`);
  }
  vi.spyOn(process, "cwd").mockReturnValue(directory);
  return directory;
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("UnsiloedFileLoader", () => {
  it("submits, waits and loads, with the request options it was given", async () => {
    const directory = await filesNamed("reports/a.pdf");
    const { emulator, options } = await openService({ delays: { processingMs: 8_000 } });
    const file = path.join(directory, "reports/a.pdf");
    const loader = new UnsiloedFileLoader(file, {
      ...options,
      parse: { merge_tables: true, page_range: "1-2" },
    });
    const documents = await loader.load();
    expect(documents).toHaveLength(2);
    expect(emulator.jobs).toMatchObject([
      { fileName: "a.pdf", options: { merge_tables: true, page_range: "1-2" } },
    ]);
    expect(documents[0]?.metadata).toMatchObject({
      source: file,
      doc_id: "reports/a.pdf",
      job_id: emulator.jobs[0]?.jobId,
    });
  });

  it("asks the service to leave word boxes out, unless they are wanted", async () => {
    await filesNamed();
    const { emulator, options } = await openService();
    const optionsSent = async (more: object) => {
      await new UnsiloedFileLoader(pdf(), { ...options, ...more }).load();
      return emulator.jobs.at(-1)?.options["output_fields"];
    };
    expect(await optionsSent({})).toEqual({ ocr: false });
    expect(await optionsSent({ parse: { output_fields: { html: false } } })).toEqual({
      html: false,
      ocr: false,
    });
    expect(await optionsSent({ parse: { output_fields: { ocr: true } } })).toEqual({ ocr: true });
    expect(await optionsSent({ words: true })).toBeUndefined();
    expect(await optionsSent({ words: true, parse: { output_fields: { ocr: false } } })).toEqual({
      ocr: false,
    });
    const hashOf = async (words: boolean) => {
      const [source] = await collect(new UnsiloedFileLoader(pdf(), { ...options, words }).sources());
      return (await source?.identify?.())?.parseHash;
    };
    expect(await hashOf(true)).not.toBe(await hashOf(false));
  });

  it("recognizes a parse of an earlier version by its options", async () => {
    await filesNamed();
    const { options } = await openService();
    const hashOf = async (parse: ParseRequestOptions, name = "a.pdf") => {
      const [source] = await collect(
        new UnsiloedFileLoader(pdf(name), { ...options, words: true, parse }).sources(),
      );
      // The service of this test is on this machine, so that its own hash is another.
      const identity = await source?.identify?.();
      expect(identity?.parseHash).not.toBe(identity?.serviceParseHash);
      return identity?.serviceParseHash;
    };
    const earlier: ParseRequestOptions = {
      ocr_mode: "force_ocr",
      keep_segment_types: ["Table"],
      merge_tables: true,
    };
    const written = sha256([stableJson(earlier)]);
    const renamed: ParseRequestOptions = {
      ocr_strategy: "force_ocr",
      segment_filter: ["Table"],
      merge_tables: true,
    };
    for (const parse of [earlier, renamed]) {
      expect(await hashOf(parse)).toBe(written);
      // What is for workbooks changes nothing in another document.
      expect(await hashOf({ ...parse, exclude_hidden: true })).toBe(written);
    }
    expect(await hashOf({ ocr_strategy: "auto_detection" })).not.toBe(await hashOf({}));
    expect(await hashOf({ exclude_hidden: true }, "book.xlsx")).not.toBe(await hashOf({}, "book.xlsx"));
  });

  it("refuses options that make Documents impossible, and those of single documents, before it submits", async () => {
    await filesNamed();
    const { emulator, options } = await openService({ dialect: "2026-09" });
    expect(() => new UnsiloedFileLoader(pdf(), { ...options, parse: { response_profile: "slim" } })).toThrow(
      'UnsiloedFileLoader: parse.response_profile: "slim" leaves out content',
    );
    const sources = [pdf("a.pdf"), pdf("book.xlsx"), "https://example.com/book.xls"];
    const given = { ...options, parse: { detect_pii: true } };
    const error = await errorOf(new UnsiloedFileLoader(sources, given).load());
    expect(error).toMatchObject({ code: "INVALID_OPTION", context: { source: "book.xlsx" } });
    expect(emulator.requests).toHaveLength(0);
    const loader = new UnsiloedFileLoader(sources, { ...given, onError: "skip" });
    await loader.load();
    expect(loader.failures.map(({ docId }) => docId)).toEqual(["book.xlsx", "https://example.com/book.xls"]);
    expect(emulator.jobs.map(({ fileName }) => fileName)).toEqual(["a.pdf"]);
  });

  it("reports impossible options before it submits anything", async () => {
    await filesNamed();
    const notes: string[] = [];
    const { emulator, options } = await openService();
    const onWarning = (note: string) => notes.push(`${note} (${emulator.requests.length} sent)`);
    const parse = { exclude_hidden: true, merge_tables: true };
    const sources = [pdf("a.pdf"), pdf("b.pdf"), pdf("book.xlsx")];
    await new UnsiloedFileLoader(sources, { ...options, onWarning, parse }).load();
    expect(notes).toEqual([
      "exclude_hidden: for workbooks (.xls, .xlsx) only, without effect on other documents (0 sent)",
      "merge_tables: without effect on workbooks (.xls, .xlsx) (0 sent)",
    ]);
  });

  it("makes ids relative to a root, so that other machines get the same ids", async () => {
    const directory = await filesNamed("reports/2025/a.pdf");
    const { options } = await openService();
    const file = path.join(directory, "reports/2025/a.pdf");
    for (const [root, docId] of [
      [path.join(directory, "reports"), "2025/a.pdf"],
      [undefined, "reports/2025/a.pdf"],
    ] as const) {
      const loader = new UnsiloedFileLoader(file, { ...options, ...(root && { root }) });
      expect((await loader.load())[0]?.metadata.doc_id).toBe(docId);
    }
  });

  it("accepts Files, named bytes and Blobs, and web addresses", async () => {
    await filesNamed();
    const { emulator, options } = await openService();
    const sources: FileSource[] = [
      new File(["one"], "one.pdf"),
      pdf("two.pdf"),
      { data: new Blob(["three"]), name: "three.png" },
      "https://example.com/four.pdf?X-Amz-Signature=s3cret",
      new URL("https://example.com/five.pdf#page=2"),
    ];
    const documents = await new UnsiloedFileLoader(sources, { ...options, concurrency: 1 }).load();
    expect([...new Set(documents.map(({ metadata }) => metadata.doc_id))]).toEqual([
      "one.pdf",
      "two.pdf",
      "three.png",
      "https://example.com/four.pdf",
      "https://example.com/five.pdf",
    ]);
    expect(documents.some(({ metadata }) => metadata.source.includes("s3cret"))).toBe(false);
    expect(emulator.jobs.map(({ via }) => via)).toEqual(["file", "file", "file", "url", "url"]);
    expect(emulator.jobs[3]?.url).toBe("https://example.com/four.pdf?X-Amz-Signature=s3cret");
  });

  it("sends large files through the presigned upload", async () => {
    await filesNamed();
    const { emulator, options } = await openService();
    await new UnsiloedFileLoader([pdf("small.pdf", "x"), pdf("large.pdf", "x".repeat(99))], {
      ...options,
      uploadThresholdBytes: 50,
    }).load();
    expect(emulator.jobs.map(({ fileName, via }) => [fileName, via]).sort()).toEqual([
      ["large.pdf", "upload"],
      ["small.pdf", "file"],
    ]);
  });

  it("gives up an earlier job whose file never arrived, but not one whose file arrived late", async () => {
    await filesNamed();
    const { client, clock, emulator, options } = await openService({}, { uploadThresholdBytes: 0 });
    emulator.addFault({ on: "upload", fault: { status: 403 } });
    const { jobId } = (await errorOf(client.submitFile(pdf()))).context;
    const [source] = await collect(new UnsiloedFileLoader(pdf(), options).sources());
    const read = (id: string | undefined) =>
      collect(source?.read({ jobId: id }) ?? (async function* () {})());
    const begun = clock.now();
    expect(await errorOf(read(jobId))).toMatchObject({ code: "UPLOAD_FAILED", context: { jobId } });
    expect(clock.now() - begun).toBeLessThan(60_000);

    const states = [...Array(3).fill("AwaitingUpload"), "Succeeded"];
    expect(await read(emulator.addJob({ states }))).toHaveLength(2);
    expect(emulator.submissions).toBe(1);
  });

  it("tells its observer each step of reading a source, in order", async () => {
    await filesNamed();
    const { emulator, options } = await openService({ delays: { processingMs: 1_000 } });
    const [source] = await collect(new UnsiloedFileLoader(pdf(), options).sources());
    expect(emulator.requests).toHaveLength(0);
    const seen: string[] = [];
    const observer: SourceObserver = {
      queueing: () => void seen.push(`queueing, ${emulator.submissions} submissions`),
      submitting: () => void seen.push(`submitting, ${emulator.submissions} submissions`),
      submitted: ({ jobId }) => void seen.push(`submitted ${jobId}`),
      statusChanged: ({ state, jobId }) => void seen.push(`${state} ${jobId}`),
      reading: () => void seen.push("reading"),
    };
    await collect(source?.read({ observer }) ?? (async function* () {})());
    const jobId = emulator.jobs[0]?.jobId;
    expect(seen).toEqual([
      "queueing, 0 submissions",
      "submitting, 0 submissions",
      `submitted ${jobId}`,
      `Processing ${jobId}`,
      `Succeeded ${jobId}`,
      "reading",
    ]);
  });

  it("submits at most `concurrency` documents ahead of a consumer that stops", async () => {
    await filesNamed();
    const { emulator, options } = await openService();
    const loader = new UnsiloedFileLoader(
      Array.from({ length: 9 }, (_source, index) => pdf(`${index}.pdf`)),
      { ...options, concurrency: 3 },
    );
    for await (const _document of loader.lazyLoad()) break;
    expect(emulator.submissions).toBe(3);
  });

  it("stops submitting when credits run out, and still waits for paid jobs", async () => {
    await filesNamed();
    const { emulator, options } = await openService({ quota: 20, delays: { processingMs: 20_000 } });
    const sources = Array.from({ length: 9 }, (_source, index) => pdf(`${index}.pdf`));
    const loader = new UnsiloedFileLoader(sources, { ...options, onError: "skip", concurrency: 3 });
    expect(await loader.load()).toHaveLength(4);
    expect(emulator.requests.filter(({ on }) => on === "submit")).toHaveLength(3);
    expect(loader.failures.map(({ error }) => error.code)).toEqual(Array(7).fill("OUT_OF_CREDITS"));
    expect(loader.failures.at(-1)?.error.message).toContain("not submitted, because of an earlier failure");
  });

  it("submits nothing more once it is clear that loading will throw", async () => {
    await filesNamed();
    const { emulator, options } = await openService({
      faults: [{ on: "submit", fault: "server_error", match: ({ fileName }) => fileName === "1.pdf" }],
    });
    const sources = Array.from({ length: 9 }, (_source, index) => pdf(`${index}.pdf`));
    const loader = new UnsiloedFileLoader(sources, { ...options, concurrency: 2 });
    expect((await errorOf(collect(loader.lazyLoad()))).code).toBe("SUBMISSION_UNKNOWN");
    expect(emulator.submissions).toBe(1);
  });

  it("completes submissions in flight when another source fails, so that no paid job is lost", async () => {
    await filesNamed();
    const { emulator, options } = await openService({
      faults: [{ on: "submit", fault: "quota", match: ({ fileName }) => fileName === "0.pdf" }],
      states: ["Processing"],
    });
    const loader = new UnsiloedFileLoader([pdf("0.pdf"), pdf("1.pdf"), pdf("2.pdf")], options);
    expect((await errorOf(loader.load())).code).toBe("OUT_OF_CREDITS");
    const ids = loader.failures.flatMap(({ jobId }) => jobId ?? []);
    expect(ids.sort()).toEqual(emulator.jobs.map(({ jobId }) => jobId).sort());
    expect(loader.failures.some(({ error }) => error.code === "SUBMISSION_UNKNOWN")).toBe(false);
  });
});

describe("the files that are found", () => {
  const idsOf = async (sources: FileSource | FileSource[], options = {}) =>
    (await collect(new UnsiloedFileLoader(sources, { apiKey: API_KEY, ...options }).sources())).map(
      ({ docId }) => docId,
    );

  let directory: string;
  beforeEach(async () => {
    directory = await filesNamed(
      "b.PDF",
      "a.docx",
      "notes.txt",
      ".hidden.pdf",
      ".git/c.pdf",
      "sub/deep/z.tiff",
      "sub/report [final].pdf",
    );
  });

  it("in a directory are all that can be parsed, sorted, except hidden ones", async () => {
    expect(await idsOf(directory)).toEqual(["a.docx", "b.PDF", "sub/deep/z.tiff", "sub/report [final].pdf"]);
  });

  it("of a glob are the matches that can be parsed", async () => {
    const inside = (pattern: string) => `${directory}/${pattern}`;
    expect(await idsOf(inside("*"))).toEqual(["a.docx", "b.PDF"]);
    expect(await idsOf(inside("**/*.{pdf,tiff}"))).toEqual([
      "b.PDF",
      "sub/deep/z.tiff",
      "sub/report [final].pdf",
    ]);
  });

  it("may have names that look like patterns", async () => {
    expect(await idsOf(path.join(directory, "sub/report [final].pdf"))).toEqual(["sub/report [final].pdf"]);
  });

  it("may be given as file URLs", async () => {
    const url = pathToFileURL(path.join(directory, "b.PDF"));
    expect(await idsOf([url, url.href])).toEqual(["b.PDF"]);
  });

  it("are read once when they are found twice", async () => {
    const sources = [
      path.join(directory, "b.PDF"),
      directory,
      `${directory}/sub/../b.PDF`,
      `${directory}/*.PDF`,
    ];
    expect(await idsOf(sources)).toEqual(["b.PDF", "a.docx", "sub/deep/z.tiff", "sub/report [final].pdf"]);
  });

  it("are read once when a link leads to them too, even in a cycle", async () => {
    await symlink(directory, path.join(directory, "sub/loop"));
    await symlink(path.join(directory, "b.PDF"), path.join(directory, "c.pdf"));
    expect(await idsOf(directory)).toEqual(["a.docx", "b.PDF", "sub/deep/z.tiff", "sub/report [final].pdf"]);
  });

  it("are checked before any payment", async () => {
    await writeFile(path.join(directory, "empty.pdf"), "");
    const good = path.join(directory, "b.PDF");
    for (const [name, code, message] of [
      ["none.pdf", "FILE_NOT_FOUND", "none.pdf: no such file or directory"],
      ["none/*.pdf", "FILE_NOT_FOUND", "none/*.pdf: matches no file"],
      ["*.txt", "FILE_NOT_FOUND", "*.txt: no match can be parsed"],
      ["notes.txt", "UNSUPPORTED_FILE", "notes.txt: files of type .txt cannot be parsed; expected pdf, png"],
      ["empty.pdf", "UNSUPPORTED_FILE", "empty.pdf: the file is empty (0 bytes)"],
    ] as const) {
      const { emulator, options } = await openService();
      const named = path.join(directory, name);
      const loader = new UnsiloedFileLoader([good, named], options);
      for (const load of [() => loader.load(), () => collect(loader.lazyLoad())]) {
        const error = await errorOf(load());
        expect(error).toMatchObject({ code, context: { source: named } });
        expect(error.message).toContain(message);
      }
      expect(emulator.requests).toHaveLength(0);
      const skipping = new UnsiloedFileLoader([good, named], { ...options, onError: "skip" });
      expect(await skipping.load()).toHaveLength(2);
      expect(skipping.failures).toMatchObject([{ source: named, error: { code } }]);
    }
  });

  it("cannot be none: a directory without files is a failure", async () => {
    await mkdir(path.join(directory, "bare"));
    const loader = new UnsiloedFileLoader(path.join(directory, "bare"), { apiKey: API_KEY });
    const error = await errorOf(loader.load());
    expect(error.code).toBe("FILE_NOT_FOUND");
    expect(error.message).toContain(
      "bare: the directory holds no file that can be parsed; expected pdf, png",
    );
  });

  it("that do not exist fail as separate sources when they are read", async () => {
    const [source] = await collect(new UnsiloedFileLoader("none.pdf", { apiKey: API_KEY }).sources());
    expect(source).toMatchObject({ source: "none.pdf", docId: "none.pdf" });
    expect((await errorOf(collect(source?.read() ?? (async function* () {})()))).code).toBe("FILE_NOT_FOUND");
  });

  it("need different ids", async () => {
    const conflict = await errorOf(idsOf([pdf("same.pdf"), pdf("same.pdf")]));
    expect(conflict).toMatchObject({ code: "INVALID_OPTION" });
    expect(conflict.message).toContain('docId: "same.pdf" stands for both same.pdf and same.pdf');
    expect((await errorOf(idsOf(directory, { docId: "one" }))).message).toContain("4 were given");
    expect(await idsOf(path.join(directory, "b.PDF"), { docId: "handbook" })).toEqual(["handbook"]);
    expect(await idsOf(`${directory}/*`, { docId: (source: string) => path.extname(source) })).toEqual([
      ".docx",
      ".PDF",
    ]);
  });

  it("cannot be other kinds of values", () => {
    const build = (source: unknown) => () =>
      new UnsiloedFileLoader(source as FileSource, { apiKey: API_KEY });
    expect(build(new Blob(["x"]))).toThrow("got a Blob without a name");
    expect(build(" ")).toThrow('got " "');
    expect(build("https://[bad")).toThrow('got "https://[bad"');
    expect(build(null)).toThrow("got null");
    expect(build(new URL("ftp://a.example/b.pdf"))).toThrow("got a URL with ftp:");
    expect(build({ data: "text", name: "a.pdf" })).toThrow("got object");
    const typo = () =>
      new UnsiloedFileLoader("a.pdf", { apiKey: API_KEY, parse: { merge_table: true } as object });
    expect(typo).toThrow("UnsiloedFileLoader: parse: unknown option merge_table");
  });
});

describe("importing the loaders", () => {
  it("loads no database, model, tokenizer or client of a paid API", async () => {
    const root = path.resolve(import.meta.dirname, "../..");
    const seen = new Set<string>();
    const packages = new Set<string>();
    const follow = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = await readFile(file, "utf8");
      for (const [, clause = "", specifier = ""] of text.matchAll(
        /^(?:import|export)\s([^;]*?)from "([^"]+)"/gm,
      )) {
        if (clause.startsWith("type ")) continue;
        if (specifier.startsWith("."))
          await follow(path.join(path.dirname(file), specifier.replace(/\.js$/, ".ts")));
        else if (!specifier.startsWith("node:")) packages.add(specifier);
      }
    };
    await follow(path.join(root, "loaders/index.ts"));
    expect(seen.size).toBeGreaterThan(30);
    expect([...packages].sort()).toEqual([
      "@langchain/core/document_loaders/base",
      "@langchain/core/documents",
      "@langchain/core/utils/env",
      "htmlparser2",
      "ipaddr.js",
      "leven",
      "p-limit",
      "tinyglobby",
      "uuid",
      "zod",
    ]);
  });
});
