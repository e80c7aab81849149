import { createHash } from "node:crypto";
import { request } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { SteppedClock } from "../support/clocks/stepped-clock.js";
import { getJob, KEY, objectOf, presign, smallResult, textOf } from "../support/emulator/requests.js";

interface Ticket {
  jobId: string;
  url: string;
  headers: Record<string, string>;
}

const ticketFor = async (emulator: Emulator, body: unknown = { file_name: "big.pdf" }): Promise<Ticket> => {
  const response = await presign(emulator.url, body);
  expect(response.status).toBe(200);
  const answer = await objectOf(response);
  expect(answer["upload_method"]).toBe("PUT");
  return {
    jobId: textOf(answer["job_id"]),
    url: textOf(answer["upload_url"]),
    headers: Object.fromEntries(
      Object.entries(answer["upload_headers"] ?? {}).map(([name, value]) => [name, textOf(value)]),
    ),
  };
};

const statusOf = async (emulator: Emulator, jobId: string): Promise<unknown> =>
  (await objectOf(await getJob(emulator.url, jobId, "?include_chunks=false")))["status"];

describe("a presigned upload", () => {
  it("goes to another host, and starts the job when it is complete", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({
      results: smallResult,
      clock,
      delays: { startingMs: 5, queuedMs: 10, processingMs: 20 },
    });
    const ticket = await ticketFor(emulator, {
      file_name: "big.pdf",
      merge_tables: true,
      output_fields: { ocr: false },
    });
    expect(new URL(ticket.url).host).not.toBe(new URL(emulator.url).host);
    expect(ticket.headers["Content-Type"]).toBe("application/pdf");
    clock.advance(1_000);
    expect(await statusOf(emulator, ticket.jobId)).toBe("AwaitingUpload");

    const put = await fetch(ticket.url, { method: "PUT", headers: ticket.headers, body: "the file" });
    expect(put.status).toBe(200);
    expect(await statusOf(emulator, ticket.jobId)).toBe("Queued");
    clock.advance(10);
    expect(await statusOf(emulator, ticket.jobId)).toBe("Processing");
    clock.advance(20);
    expect(await statusOf(emulator, ticket.jobId)).toBe("Succeeded");
    expect(emulator.jobs[0]).toMatchObject({
      via: "upload",
      fileName: "big.pdf",
      bytes: 8,
      sha256: createHash("sha256").update("the file").digest("hex"),
      options: { merge_tables: true, output_fields: { ocr: false } },
      unknownOptions: [],
    });
    expect(emulator.submissions).toBe(1);
  });

  it("records whether the API key was sent along", async () => {
    await using emulator = await startEmulator({ results: smallResult });
    for (const extra of [{}, KEY]) {
      const { url, headers } = await ticketFor(emulator);
      await fetch(url, { method: "PUT", headers: { ...headers, ...extra }, body: "x" });
    }
    const puts = emulator.requests.filter(({ on }) => on === "upload");
    expect(puts.map(({ server, headers }) => [server, headers.apiKey])).toEqual([
      ["files", false],
      ["files", true],
    ]);
  });

  it("requires all of its headers", async () => {
    await using emulator = await startEmulator({ results: smallResult });
    const { url, headers, jobId } = await ticketFor(emulator);
    expect(Object.keys(headers).length).toBeGreaterThan(1);
    for (const left of Object.keys(headers)) {
      const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== left));
      const response = await fetch(url, { method: "PUT", headers: others, body: "x" });
      expect([left, response.status]).toEqual([left, 403]);
      expect(await response.text()).toContain("SignatureDoesNotMatch");
    }
    expect(await statusOf(emulator, jobId)).toBe("AwaitingUpload");
  });

  it("refuses a wrong or expired signature, a bearer token and a body of unknown length, as object storage does", async () => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({ results: smallResult, clock, urlsExpireIn: 60 });
    const { url, headers, jobId } = await ticketFor(emulator);
    const put = (to: string, extra: Record<string, string> = {}) =>
      fetch(to, { method: "PUT", headers: { ...headers, ...extra }, body: "x" }).then(({ status }) => status);
    expect(await put(url.replace(/signature=./, "signature=z"))).toBe(403);
    expect(await put(url.replace(/expires=\d+/, `expires=${clock.now() + 1e9}`))).toBe(403);
    expect(await put(url, { authorization: "Bearer x" })).toBe(400);
    const streamed = await fetch(url, {
      method: "PUT",
      headers,
      body: Readable.toWeb(Readable.from([Buffer.from("x")])),
      duplex: "half",
    });
    expect([streamed.status, (await streamed.text()).includes("Transfer-Encoding")]).toEqual([501, true]);
    clock.advance(60_000);
    expect(await put(url)).toBe(403);
    expect(await statusOf(emulator, jobId)).toBe("AwaitingUpload");
  });

  it("leaves the job waiting when the upload breaks off", async () => {
    await using emulator = await startEmulator({ results: smallResult });
    const { url, headers, jobId } = await ticketFor(emulator);
    await new Promise<void>((resolve) => {
      const put = request(url, { method: "PUT", headers: { ...headers, "Content-Length": 1_000_000 } });
      put.on("error", () => resolve());
      put.write(Buffer.alloc(1_000), () => put.destroy(new Error("gone")));
    });
    expect(await statusOf(emulator, jobId)).toBe("AwaitingUpload");
    expect((await fetch(url, { method: "PUT", headers, body: "whole" })).status).toBe(200);
    expect(emulator.jobs[0]?.bytes).toBe(5);
  });

  it.each([
    ["no file name", {}, "file_name is required"],
    ["an unknown type", { file_name: "a.exe" }, "Unsupported file type: .exe"],
    ["a boolean as text", { file_name: "a.pdf", merge_tables: "true" }, "merge_tables"],
    ["a list", [], "JSON object"],
  ])("is not given for %s", async (_name, body, message) => {
    await using emulator = await startEmulator({ results: smallResult });
    const response = await presign(emulator.url, body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message);
    expect(emulator.submissions).toBe(0);
  });
});
