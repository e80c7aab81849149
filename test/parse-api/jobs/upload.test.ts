import { createHash } from "node:crypto";
import { appendFile, open, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../../src/emulator/index.js";
import { propertyOf } from "../../../src/internal/objects.js";
import { Transport } from "../../../src/parse-api/http/transport.js";
import { listen } from "../../support/listen.js";
import { errorOf, openService, pdf, temporaryDirectory } from "../../support/parse-service.js";

const LARGE = { uploadThresholdBytes: 10 };

const onUpload = (fault: FaultRule["fault"], more: Partial<FaultRule> = {}): FaultRule => ({
  on: "upload",
  fault,
  ...more,
});

/** Makes a presign response with another upload address. */
const presignTo = (upload_url: string): FaultRule => ({
  on: "presign",
  fault: { status: 200, body: { job_id: "job-1", upload_url, upload_method: "PUT", upload_headers: {} } },
});

/** Makes a sparse file, which uses no space on the disk. */
const sparseFile = async (bytes: number): Promise<string> => {
  const file = path.join(await temporaryDirectory(), "large.pdf");
  const handle = await open(file, "w");
  await handle.truncate(bytes);
  await handle.write("%PDF", 0);
  await handle.close();
  return file;
};

describe("the presigned upload", () => {
  it("sends files above the threshold with every requested header and without the key", async () => {
    const { client, emulator } = await openService({}, LARGE);
    const file = path.join(await temporaryDirectory(), "large.pdf");
    const bytes = Buffer.alloc(3 * 1024 * 1024, "%PDF");
    await writeFile(file, bytes);
    const ids: string[] = [];
    const submission = await client.submitFile(
      file,
      { merge_tables: true },
      { observer: { submitted: ({ jobId }) => void ids.push(jobId) } },
    );
    expect(submission).toMatchObject({ via: "upload", fileName: "large.pdf" });
    expect(ids).toEqual([submission.jobId]);
    expect(emulator.jobs[0]).toMatchObject({
      jobId: submission.jobId,
      via: "upload",
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      options: { merge_tables: true },
    });
    const [presign, put] = emulator.requests;
    expect(presign).toMatchObject({ on: "presign", server: "api", headers: { apiKey: true } });
    expect(put).toMatchObject({
      method: "PUT",
      server: "files",
      status: 200,
      headers: {
        apiKey: false,
        authorization: false,
        contentLength: bytes.length,
        contentType: "application/pdf",
      },
    });
    expect(put?.headers.transferEncoding).toBeUndefined();
    expect((await client.waitForJob(submission.jobId)).state).toBe("Succeeded");
  });

  it("begins above 20 MB by default", async () => {
    const { client, emulator } = await openService();
    const limit = 20 * 1024 * 1024;
    await client.submitFile({ data: new Uint8Array(limit), name: "a.docx" });
    await client.submitFile({ data: new Uint8Array(limit + 1), name: "b.docx" });
    expect(emulator.jobs.map(({ via }) => via)).toEqual(["file", "upload"]);
  });

  it.each(["picture.webp", "page.HTML"])("sends %s, even when it is small", async (name) => {
    const { client, emulator } = await openService({ dialect: "2026-09" });
    expect(await client.submitFile(pdf(name))).toMatchObject({ via: "upload", fileName: name });
    expect(emulator.jobs).toMatchObject([{ fileName: name, via: "upload" }]);
  });

  it("takes workbooks above the threshold", async () => {
    const { client, emulator } = await openService({ dialect: "2026-09" }, LARGE);
    await client.submitFile(pdf("book.xlsx"), { exclude_hidden: true });
    expect(emulator.jobs).toMatchObject([{ fileName: "book.xlsx", via: "upload" }]);
    expect(emulator.requests[0]).toMatchObject({ on: "presign", path: "/v2/parse/upload" });
  });

  it("takes what the form does not hold, although the threshold is higher", async () => {
    const { client, emulator } = await openService({}, { uploadThresholdBytes: 5 * 1024 ** 3 });
    emulator.addFault({ on: "presign", fault: "quota" });
    await errorOf(client.submitFile(await sparseFile(500 * 1024 ** 2 + 1)));
    expect(emulator.requests.map(({ on }) => on)).toEqual(["presign"]);
  });

  describe("asks for an address that lives as long as the upload may take", () => {
    /** Seconds that the client asks for, for a file of so many bytes. */
    const asked = async (bytes: number, expires_in?: number) => {
      const bodies: unknown[] = [];
      const { client } = await openService(
        {},
        {
          ...LARGE,
          fetch: async (_input, init) => {
            bodies.push(JSON.parse(String(init?.body)));
            return new Response("Insufficient quota", { status: 402 });
          },
        },
      );
      expect((await errorOf(client.submitFile(await sparseFile(bytes), { expires_in }))).code).toBe(
        "OUT_OF_CREDITS",
      );
      return propertyOf(bodies[0], "expires_in");
    };
    // Four attempts of a minute and the time to send the file at 1 Mbit/s, and three pauses of half a minute.
    const needed = (bytes: number) => Math.ceil((4 * (60_000 + Math.ceil(bytes / 128)) + 3 * 30_000) / 1000);

    it.each([
      [1_000, undefined, undefined],
      [1_000, 60, needed(1_000)],
      [1_000, 7_200, 7_200],
      [100 * 1024 ** 2, 60, needed(100 * 1024 ** 2)],
      [1024 ** 3, undefined, 86_400],
      [4 * 1024 ** 3, undefined, needed(4 * 1024 ** 3)],
    ])("%i bytes, asked for %s seconds", async (bytes, expiresIn, seconds) => {
      expect(await asked(bytes, expiresIn)).toBe(seconds);
    });
  });

  for (const fault of ["reset", "server_error", "queue_full"] as const) {
    it(`is retried: ${fault}`, async () => {
      const { client, emulator } = await openService({ faults: [onUpload(fault, { times: 2 })] }, LARGE);
      const { jobId } = await client.submitFile(pdf());
      expect(emulator.jobs).toHaveLength(1);
      expect((await client.waitForJob(jobId)).state).toBe("Succeeded");
    });
  }

  it("is not sent twice when the first attempt arrived after all", async () => {
    const { client, emulator } = await openService({ faults: [onUpload("reset_after_accept")] }, LARGE);
    const { jobId } = await client.submitFile(pdf());
    expect(emulator.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
    expect(emulator.jobs.map((job) => job.jobId)).toEqual([jobId]);
  });

  it("fails with the job's id when the address does not work", async () => {
    const body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    const { client, emulator } = await openService({ faults: [onUpload({ status: 403, body })] }, LARGE);
    const error = await errorOf(client.submitFile(pdf()));
    const jobId = emulator.jobs[0]?.jobId;
    expect(error).toMatchObject({ code: "UPLOAD_FAILED", retryable: false, context: { jobId, status: 403 } });
    expect(error.message).toContain("403: Request has expired");
    expect(emulator.requests).toHaveLength(2);
  });

  it("stops when aborted, with the job's id", async () => {
    const { client, emulator } = await openService({ faults: [onUpload("hang")] }, LARGE);
    const controller = new AbortController();
    const submitting = errorOf(client.submitFile(pdf(), {}, { signal: controller.signal }));
    while (emulator.requests.length < 2) await setImmediate();
    controller.abort();
    expect(await submitting).toMatchObject({ code: "ABORTED", context: { jobId: emulator.jobs[0]?.jobId } });
  });

  it("sends documents over https only, unless the API itself is a local one", async () => {
    const answers = (url: string) =>
      openService(
        {},
        {
          ...LARGE,
          baseUrl: "https://api.example",
          fetch: async (input) => {
            if (!String(input).startsWith("https://api.example")) throw new Error(`sent to ${input}`);
            return Response.json({
              job_id: "job-1",
              upload_url: url,
              upload_method: "PUT",
              upload_headers: {},
            });
          },
        },
      );
    const { client } = await answers("http://storage.example/put?signature=s3cret");
    const error = await errorOf(client.submitFile(pdf()));
    expect(error).toMatchObject({ code: "UPLOAD_FAILED", context: { jobId: "job-1" } });
    expect(error.message).toContain("expected an https address, got http://storage.example/put");
    expect(error.message).not.toContain("s3cret");
  });

  it("does not show the signature when the storage cannot be reached", async () => {
    const { client } = await openService(
      { faults: [presignTo("http://127.0.0.1:9/put?signature=s3cret")] },
      LARGE,
    );
    const error = await errorOf(client.submitFile(pdf()));
    expect(error.code).toBe("UPLOAD_FAILED");
    expect(error.message).not.toContain("s3cret");
  });

  it("holds only a part of a large file in memory when the network is slow", async () => {
    let received = 0;
    let sent = 0;
    let sentEarly = 0;
    const server = createServer(async (request, response) => {
      // Reads nothing until the client has sent nothing for many turns of the event loop.
      for (let turns = 0; turns < 1_000; turns++) {
        await setImmediate();
        if (sent === sentEarly) continue;
        sentEarly = sent;
        turns = 0;
      }
      for await (const piece of request) received += piece.length;
      response.end();
    });
    const port = await listen(server);
    const bytes = 64 * 1024 * 1024;
    const content = {
      bytes,
      async *stream() {
        for (; sent < bytes; sent += 1024 * 1024) yield new Uint8Array(1024 * 1024);
      },
    };
    const url = new URL(`http://127.0.0.1:${port}/put`);
    const { signal } = new AbortController();
    const answer = await new Transport().send(
      { url, method: "PUT", headers: {}, body: content, signal },
      () => "trusted",
    );
    answer.body.resume();
    expect(answer.status).toBe(200);
    expect(received).toBe(bytes);
    expect(sentEarly).toBeLessThan(bytes / 2);
  });

  it("refuses a file that changed while it was read", async () => {
    const { client, emulator } = await openService({}, LARGE);
    const file = path.join(await temporaryDirectory(), "growing.pdf");
    await writeFile(file, Buffer.alloc(100_000, "%PDF"));
    const error = await errorOf(
      client.submitFile(file, {}, { observer: { submitted: () => appendFile(file, "more") } }),
    );
    expect(error).toMatchObject({ code: "UPLOAD_FAILED", retryable: false });
    expect(error.message).toContain("the file changed while it was read");
    expect(emulator.jobs[0]?.bytes).not.toBe(100_000);
  });

  it("is never requested twice when the outcome of the request is unknown", async () => {
    const { client, emulator } = await openService(
      { faults: [{ on: "presign", fault: "server_error" }] },
      LARGE,
    );
    expect((await errorOf(client.submitFile(pdf()))).code).toBe("SUBMISSION_UNKNOWN");
    expect(emulator.requests).toHaveLength(1);
  });
});
