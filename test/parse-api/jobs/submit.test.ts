import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Emulator, FaultInfo, FaultName } from "../../../src/emulator/index.js";
import type { UnsiloedError } from "../../../src/errors.js";
import { fakeTimers } from "../../support/clocks/fake-timers.js";
import { API_KEY, errorOf, openService, pdf, temporaryDirectory } from "../../support/parse-service.js";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const onSubmit = (fault: FaultName, times = 1) => ({ on: "submit" as const, fault, times });

describe("submitFile", () => {
  it("sends a file in a form, with its name and bytes", async () => {
    const { client, emulator } = await openService();
    const file = path.join(await temporaryDirectory(), "Bericht Übersicht.pdf");
    await writeFile(file, "%PDF-1.7 from disk");
    const submission = await client.submitFile(file);
    expect(submission).toMatchObject({ via: "file", creditsUsed: 10, quotaRemaining: expect.any(Number) });
    expect(emulator.jobs).toHaveLength(1);
    expect(emulator.jobs[0]).toMatchObject({
      jobId: submission.jobId,
      fileName: "Bericht Übersicht.pdf",
      bytes: 18,
      sha256: sha256("%PDF-1.7 from disk"),
      via: "file",
    });
    expect(emulator.requests[0]?.headers).toMatchObject({ apiKey: true, authorization: false });
  });

  it("sends bytes, a Blob with a name and a File", async () => {
    const { client, emulator } = await openService();
    await client.submitFile({ data: new TextEncoder().encode("%PDF bytes"), name: "a.pdf" });
    await client.submitFile({ data: new Blob(["blob"]), name: "b.docx" });
    await client.submitFile(new File(["file"], "c.PNG"));
    expect(emulator.jobs.map((job) => [job.fileName, job.sha256])).toEqual([
      ["a.pdf", sha256("%PDF bytes")],
      ["b.docx", sha256("blob")],
      ["c.PNG", sha256("file")],
    ]);
  });

  it("reports the job's id before it returns, so that it can be recorded", async () => {
    const { client } = await openService();
    const ids: string[] = [];
    const { jobId } = await client.submitFile(
      pdf(),
      {},
      { observer: { submitted: ({ jobId: id }) => void ids.push(id) } },
    );
    expect(ids).toEqual([jobId]);
  });

  it("reports the job's id even when it cannot be recorded", async () => {
    const { client, emulator } = await openService();
    const submitted = () => Promise.reject(new Error("disk full"));
    const error = await errorOf(client.submitFile(pdf(), {}, { observer: { submitted } }));
    expect(error).toMatchObject({ message: "disk full", context: { jobId: emulator.jobs[0]?.jobId } });
  });

  it("refuses without a request what the service would refuse", async () => {
    const { client, emulator } = await openService();
    const directory = await temporaryDirectory();
    await writeFile(path.join(directory, "empty.pdf"), "");
    for (const [input, code, message] of [
      [path.join(directory, "none.pdf"), "FILE_NOT_FOUND", "no such file or directory"],
      [directory, "FILE_NOT_FOUND", "not a file"],
      [path.join(directory, "empty.pdf"), "UNSUPPORTED_FILE", "empty.pdf: the file is empty (0 bytes)"],
      [pdf("run.exe"), "UNSUPPORTED_FILE", "run.exe: files of type .exe cannot be parsed"],
      [pdf("README"), "UNSUPPORTED_FILE", "README: files without an extension cannot be parsed"],
      [{ data: new Blob(["x"]), name: "" }, "INVALID_OPTION", "expected a path, a File"],
    ] as const) {
      const error = await errorOf(client.submitFile(input));
      expect(error).toMatchObject({ code, retryable: false });
      expect(error.message).toContain(message);
    }
    expect(emulator.requests).toHaveLength(0);
  });

  it("refuses wrong options before it reads the file", async () => {
    const { client } = await openService();
    const error = await errorOf(client.submitFile("none.pdf", { page_range: "one to five" }));
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toBe(
      'parse: page_range: expected "1-5", "2,4,6" or "[1,3,5]", got "one to five" (string)',
    );
  });
});

describe("a workbook", () => {
  const paths = (emulator: Emulator) => emulator.requests.map(({ path: at, status }) => `${status} ${at}`);

  it("goes to the call that takes it, which a service of March 2026 does not have", async () => {
    for (const name of ["book.xls", "BOOK.XLSX"]) {
      const { client, emulator } = await openService({ dialect: "2026-09" });
      expect(await client.submitFile(pdf(name))).toMatchObject({ via: "file" });
      expect(paths(emulator)).toEqual(["200 /parse/excel"]);
    }
    const { client, emulator } = await openService({ dialect: "2026-03" });
    await client.submitFile(pdf("one.xlsx"));
    await client.submitFile(pdf("two.xlsx"));
    expect(paths(emulator)).toEqual(["405 /parse/excel", "200 /parse", "200 /parse"]);
  });

  it("is fetched by the service from its address", async () => {
    const { client, emulator } = await openService({ dialect: "2026-09" });
    await client.submitUrl("https://example.com/book.xlsx?signature=abc", { exclude_hidden: true });
    // The name has no extension, so only the refusal says what the document is.
    emulator.addFault({
      on: "submit",
      fault: {
        status: 400,
        body: { error: { code: "excel_not_supported_here", message: "Excel files elsewhere" } },
      },
    });
    await client.submitUrl("https://example.com/download?id=5");
    expect(paths(emulator)).toEqual(["200 /parse/excel", "400 /parse", "200 /parse/excel"]);
    expect(emulator.jobs[0]?.options).toEqual({ exclude_hidden: true });
  });

  it("is not sent back and forth for ever", async () => {
    const { client, emulator } = await openService({ dialect: "2026-03" });
    const body = { error: { code: "excel_not_supported_here", message: "Excel files elsewhere" } };
    const match = ({ path: at }: FaultInfo) => at === "/parse";
    emulator.addFault({ on: "submit", fault: { status: 400, body }, match, times: 9 });
    const error = await errorOf(client.submitFile(pdf("book.xlsx")));
    expect(error).toMatchObject({ code: "BAD_REQUEST", context: { source: "book.xlsx" } });
    expect(paths(emulator)).toEqual(["405 /parse/excel", "400 /parse", "405 /parse/excel"]);
  });
});

describe("submitUrl", () => {
  it("lets the service fetch the document", async () => {
    const { client, emulator } = await openService();
    const url = "https://example.com/a/report.pdf?X-Amz-Signature=abc";
    const submission = await client.submitUrl(url, { merge_tables: true });
    expect(submission.via).toBe("url");
    expect(emulator.jobs[0]).toMatchObject({ via: "url", url, options: { merge_tables: true } });
  });

  it("accepts only http and https addresses", async () => {
    const { client } = await openService();
    for (const url of ["ftp://example.com/a.pdf", "report.pdf", "file:///a.pdf"])
      expect((await errorOf(client.submitUrl(url))).code).toBe("INVALID_OPTION");
  });

  it("does not show a signature in an error", async () => {
    const { client } = await openService({ faults: [onSubmit("quota")] });
    const error = await errorOf(client.submitUrl("https://example.com/a.pdf?X-Amz-Signature=abc"));
    expect(error.message).toBe(
      "submitting https://example.com/a.pdf: out of credits (402: Insufficient quota)",
    );
    expect(JSON.stringify(error.context)).not.toContain("abc");
  });
});

describe("a submission that fails", () => {
  for (const fault of [
    "server_error",
    "bad_gateway",
    "timeout",
    "reset",
    "reset_midway",
    "reset_after_accept",
    "cut",
    "truncated",
    "not_json",
  ] as const) {
    it(`is never sent again when its outcome is unknown: ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [onSubmit(fault)] });
      const error = await errorOf(client.submitFile(pdf()));
      expect(error).toMatchObject({
        code: "SUBMISSION_UNKNOWN",
        retryable: false,
        context: { source: "report.pdf" },
      });
      expect(error.message).toContain("report.pdf");
      expect(error.message).toContain("not sent again");
      for (const advice of ["job:ID", "--doc-id", "--resubmit-unknown"])
        expect(error.message).toContain(advice);
      expect(emulator.requests).toHaveLength(1);
    });
  }

  it("is never sent again when there was no answer in time", async () => {
    const timers = fakeTimers();
    const { client, emulator } = await openService({ faults: [onSubmit("hang")] });
    const error = errorOf(client.submitFile(pdf()));
    await expect.poll(() => emulator.requests.length).toBe(1);
    timers.advance(61_000);
    expect((await error).code).toBe("SUBMISSION_UNKNOWN");
    expect(emulator.requests).toHaveLength(1);
  });

  // A port that fetch refuses, and one without a server.
  for (const address of ["http://127.0.0.1:1", "http://127.0.0.1:2"])
    it(`has a known outcome when nothing was sent: ${address}`, async () => {
      const { client } = await openService({}, { baseUrl: address });
      const told: string[] = [];
      const refused = async ({ code }: UnsiloedError) => void told.push(code);
      const error = await errorOf(client.submitFile(pdf(), {}, { observer: { refused } }));
      expect(error.code).toBe("SERVICE_UNAVAILABLE");
      expect(error.message).toContain(`cannot reach ${address}`);
      expect(error.message).toContain("check baseUrl");
      expect(told).toHaveLength(error.retryable ? 4 : 1);
    });

  it("has an unknown outcome when aborted in flight, and is aborted when it had not begun", async () => {
    const { client, emulator } = await openService({ faults: [onSubmit("hang")] });
    const controller = new AbortController();
    const submitting = errorOf(client.submitFile(pdf(), {}, { signal: controller.signal }));
    while (emulator.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect((await submitting).code).toBe("SUBMISSION_UNKNOWN");
    const late = await errorOf(client.submitFile(pdf(), {}, { signal: controller.signal }));
    expect(late.code).toBe("ABORTED");
    expect(emulator.requests).toHaveLength(1);
  });

  it("has an unknown outcome when the answer names no job", async () => {
    const fault = { status: 200, body: { message: "Task created" } };
    const { client } = await openService({ faults: [{ on: "submit", fault }] });
    const error = await errorOf(client.submitFile(pdf()));
    expect(error.code).toBe("SUBMISSION_UNKNOWN");
    expect(error.cause).toMatchObject({ code: "INVALID_RESULT" });
  });

  for (const fault of ["rate_limited", "rate_limited_retry_after", "queue_full"] as const) {
    it(`is sent again when nothing was accepted: ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [onSubmit(fault, 3)] });
      const { jobId } = await client.submitFile(pdf());
      expect(emulator.jobs.map((job) => job.jobId)).toEqual([jobId]);
      expect(emulator.requests).toHaveLength(4);
    });
  }

  it("waits as long as Retry-After says", async () => {
    const { client, clock } = await openService({ faults: [onSubmit("queue_full")] });
    const begun = clock.now();
    await client.submitFile(pdf());
    expect(clock.now() - begun).toBe(20_000);
  });

  it("is retried for longer than the documented window of 60 seconds, and then gives up", async () => {
    const { client, clock, emulator } = await openService({
      faults: [onSubmit("rate_limited", Number.POSITIVE_INFINITY)],
    });
    const begun = clock.now();
    const error = await errorOf(client.submitFile(pdf()));
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryable: true });
    expect(clock.now() - begun).toBeGreaterThan(60_000);
    expect(emulator.requests.length).toBeLessThan(10);
  });

  it("is retried when there was no connection", async () => {
    const { client, emulator, clock } = await openService();
    await emulator.close();
    const error = await errorOf(client.submitFile(pdf()));
    expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true });
    expect(error.message).toContain("ECONNREFUSED");
    expect(clock.waits).toEqual([375, 750, 1500]);
  });

  for (const [fault, code] of [
    ["unauthorized", "UNAUTHORIZED"],
    ["quota", "OUT_OF_CREDITS"],
    ["usage_cap", "USAGE_LIMIT"],
    ["too_large", "FILE_TOO_LARGE"],
    ["unsupported", "UNSUPPORTED_FILE"],
  ] as const) {
    it(`is final: ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [onSubmit(fault)] });
      const error = await errorOf(client.submitFile(pdf()));
      expect(error).toMatchObject({ code, retryable: false });
      expect(error.message).not.toContain(API_KEY);
      expect(emulator.requests).toHaveLength(1);
    });
  }

  for (const uploadThresholdBytes of [0, 100])
    it(`is a failure of its own when personal data blocked it, above a threshold of ${uploadThresholdBytes}`, async () => {
      const on = uploadThresholdBytes === 0 ? "presign" : "submit";
      const { client, emulator } = await openService(
        { faults: [{ on, fault: "pii_blocked" }] },
        { uploadThresholdBytes, maxActiveJobs: 1 },
      );
      const told: string[] = [];
      const refused = async ({ code }: UnsiloedError) => void told.push(code);
      const error = await errorOf(client.submitFile(pdf(), {}, { observer: { refused } }));
      expect(error).toMatchObject({
        code: "PII_BLOCKED",
        retryable: false,
        context: { source: "report.pdf" },
        message:
          "submitting report.pdf: the document was blocked for personal data (The document contains personal " +
          "data of high severity; severity high; 2 findings: 2 passport_number)",
      });
      expect(told).toEqual(["PII_BLOCKED"]);
      // It is not counted as an active job.
      await client.submitFile(pdf());
      expect(emulator.requests.filter((request) => request.on === on)).toHaveLength(2);
    });

  it("stays within 60 submissions in 60 seconds, so that none is refused", async () => {
    const { client, emulator, clock } = await openService({
      rateLimit: { requests: 60, windowMs: 60_000 },
    });
    const begun = clock.now();
    for (let count = 0; count < 130; count++) await client.submitFile(pdf());
    expect(emulator.requests.every(({ status }) => status === 200)).toBe(true);
    expect(emulator.submissions).toBe(130);
    // Half of the window's calls at once, then one per second.
    expect(clock.now() - begun).toBe(129_000);
  });
});
