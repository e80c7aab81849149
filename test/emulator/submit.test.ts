import { createHash } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { DIALECTS } from "../../src/parse-api/jobs/dialects.js";
import { fileForm, getJob, KEY, objectOf, postForm, smallResult } from "../support/emulator/requests.js";

describe.each(DIALECTS)("in the dialect %s", (dialect) => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({
      results: smallResult,
      dialect,
      errorText: "plain",
      apiKey: "a-key",
      quota: 1_000,
      maxFormBytes: 10_000,
    });
  });
  afterAll(() => emulator.close());

  describe("POST /parse", () => {
    it("accepts a file with its options and records the request", async () => {
      const before = emulator.submissions;
      const response = await postForm(
        emulator.url,
        fileForm("Żółw 1.PDF", {
          merge_tables: "true",
          output_fields: '{"ocr":false}',
          validate_segments: '["Table"]',
          expires_in: "600",
          page_range: "1-3, 5",
          ocr_engine: "UnsiloedHawk",
          merge_tabels: "true",
        }),
      );
      expect(response.status).toBe(200);
      const answer = await objectOf(response);
      expect(answer).toMatchObject({
        status: "Starting",
        file_name: "Żółw 1.PDF",
        merge_tables: true,
        credit_used: 10,
        message: "Task created. Poll GET /parse/{job_id} for status.",
      });
      expect(answer["created_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(emulator.submissions).toBe(before + 1);
      expect(emulator.jobs.at(-1)).toMatchObject({
        jobId: answer["job_id"],
        fileName: "Żółw 1.PDF",
        via: "file",
        mediaType: "application/pdf",
        bytes: 13,
        sha256: createHash("sha256").update("%PDF-1.7 text").digest("hex"),
        options: {
          merge_tables: true,
          output_fields: { ocr: false },
          validate_segments: ["Table"],
          expires_in: 600,
          page_range: "1-3, 5",
          ocr_engine: "UnsiloedHawk",
        },
        unknownOptions: ["merge_tabels"],
      });
      expect(emulator.requests.at(-1)).toMatchObject({
        server: "api",
        on: "submit",
        method: "POST",
        path: "/parse",
        headers: { apiKey: true, authorization: false },
        status: 200,
        fileName: "Żółw 1.PDF",
      });
      expect(JSON.stringify(emulator.requests)).not.toContain("a-key");
    });

    it("accepts a URL", async () => {
      const form = new FormData();
      form.set("url", "https://files.example/a%20b.docx?token=1");
      const answer = await objectOf(await postForm(emulator.url, form));
      expect(answer["file_name"]).toBe("unknown");
      expect(emulator.jobs.at(-1)).toMatchObject({
        via: "url",
        url: "https://files.example/a%20b.docx?token=1",
        fileName: "a b.docx",
        bytes: 0,
      });
    });

    const withUrl = (url: string, form = new FormData()): FormData => {
      form.set("url", url);
      return form;
    };
    it.each([
      [
        "both a file and a URL",
        withUrl("https://a.example/a.pdf", fileForm()),
        "Exactly one of file and url",
      ],
      ["neither", new FormData(), "Exactly one of file and url"],
      ["a URL that is none", withUrl("a.pdf"), "http or https"],
      [
        "a boolean that is none",
        fileForm("a.pdf", { merge_tables: "yes" }),
        "merge_tables: expected boolean",
      ],
      ["JSON that is none", fileForm("a.pdf", { output_fields: "{ocr" }), "output_fields: expected object"],
      ["an array for an object", fileForm("a.pdf", { llm_processing: "[]" }), "llm_processing"],
      ["an object for an array", fileForm("a.pdf", { validate_segments: "{}" }), "validate_segments"],
      ["an unknown engine", fileForm("a.pdf", { ocr_engine: "Fast" }), '"UnsiloedBeta" or "UnsiloedHawk"'],
      ["a fraction of a second", fileForm("a.pdf", { expires_in: "0.5" }), "expires_in"],
      ["pages that are none", fileForm("a.pdf", { page_range: "all" }), "page_range"],
    ])("refuses %s with 400", async (_name, form, message) => {
      const before = emulator.submissions;
      const response = await postForm(emulator.url, form);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain(message);
      expect(emulator.submissions).toBe(before);
    });

    it("refuses other kinds of files with the documented message", async () => {
      const response = await postForm(emulator.url, fileForm("setup.exe"));
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error:
          "Unsupported file type: .exe. Supported extensions: pdf, png, jpg, jpeg, tiff, docx, pptx, xlsx",
      });
    });

    it("refuses a body that is not a form", async () => {
      const body = JSON.stringify({ url: "https://a.example/a.pdf" });
      const response = await fetch(`${emulator.url}/parse`, { method: "POST", headers: KEY, body });
      expect(response.status).toBe(400);
    });

    it("refuses a form that is too large with 413", async () => {
      const form = new FormData();
      form.set("file", new Blob([Buffer.alloc(20_000)]), "a.pdf");
      const response = await postForm(emulator.url, form);
      expect([response.status, await response.text()]).toEqual([413, "Payload too large"]);
    });

    it.each([
      ["no key", {}],
      ["another key", { "api-key": "other" }],
      ["a bearer token", { authorization: "Bearer a-key" }],
    ])("answers 401 to %s", async (_name, headers) => {
      for (const response of [
        await postForm(emulator.url, fileForm(), headers),
        await getJob(emulator.url, "any", "", headers),
      ]) {
        expect(response.status).toBe(401);
        expect(await response.json()).toEqual({
          detail: "Invalid API key",
          error_code: "UNAUTHORIZED",
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        });
      }
    });

    it("answers malformed requests", async () => {
      const { port } = new URL(emulator.url);
      const status = await new Promise((resolve, reject) => {
        const odd = request({ host: "127.0.0.1", port, path: "//" }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        odd.on("error", reject).end();
      });
      expect(status).toBe(404);
    });

    it("refuses other paths and methods", async () => {
      expect((await fetch(`${emulator.url}/v3/parse`, { method: "POST", headers: KEY })).status).toBe(404);
      const wrong = await fetch(`${emulator.url}/parse`, { headers: KEY });
      expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    });
  });
});
