import path from "node:path";
import { describe, expect, it } from "vitest";
import { type FileSource, UnsiloedFileLoader } from "../../loaders/file-loader.js";
import type { SourceObserver } from "../../src/documents/source.js";
import { sha256, stableJson } from "../../src/internal/hashing.js";
import type { ParseRequestOptions } from "../../src/parse-api/jobs/request-options.js";
import { filesNamed } from "../support/files-named.js";
import { collect, errorOf, openService, pdf } from "../support/parse-service.js";

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

  it("sends .tif under the ending that the service lists", async () => {
    const directory = await filesNamed("scan.TIF");
    for (const uploadThresholdBytes of [1_000, 1]) {
      const { emulator, options } = await openService({}, { uploadThresholdBytes });
      await new UnsiloedFileLoader(path.join(directory, "scan.TIF"), options).load();
      expect(emulator.jobs).toMatchObject([{ fileName: "scan.tiff" }]);
    }
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
      new File(["%PDF one"], "one.pdf"),
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
    await new UnsiloedFileLoader([pdf("small.pdf", "%PDF"), pdf("large.pdf", `%PDF${"x".repeat(99)}`)], {
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
