import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/server.js";
import { DIALECTS, type Dialect } from "../../src/parse-api/jobs/dialects.js";
import { SteppedClock } from "../support/clocks/stepped-clock.js";
import {
  chunksOf,
  fileForm,
  getJob,
  KEY,
  objectOf,
  postForm,
  presign,
  submit,
  textOf,
} from "../support/emulator/requests.js";

const IMAGE = "https://b.example/i.png";
const results = {
  status: "Succeeded",
  file_url: "https://b.example/in.pdf",
  pdf_url: "https://b.example/out.pdf",
  chunks: [{ chunk_id: "c", segments: [{ segment_id: "s", segment_type: "Picture", image: IMAGE }] }],
};

const start = (dialect: Dialect) => startEmulator({ results, dialect });

const postExcel = (url: string, form: FormData) =>
  fetch(`${url}/parse/excel`, { method: "POST", headers: KEY, body: form });

const postJson = (url: string, body: unknown) =>
  fetch(`${url}/parse`, {
    method: "POST",
    headers: { ...KEY, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

const codeOf = async (response: Response) => Object(await response.json()).error?.code;

const urlForm = (url: string): FormData => {
  const form = new FormData();
  form.set("url", url);
  return form;
};

const addresses = async (url: string, id: string, query: string) => {
  const result = await objectOf(await getJob(url, id, query));
  const image = chunksOf(result)[0]?.segments[0]?.["image"];
  return { file_url: result["file_url"], pdf_url: result["pdf_url"], image };
};

describe("the dialect 2026-09", () => {
  it("is the default", async () => {
    expect(DIALECTS).toEqual(["2026-03", "2026-09"]);
    await using emulator = await startEmulator({ results });
    expect(await codeOf(await getJob(emulator.url, "nosuch"))).toBe("task_not_found");
  });

  it.each(["book.xls", "book.XLSX"])("accepts %s at /parse/excel and refuses it at /parse", async (name) => {
    await using emulator = await start("2026-09");
    const refused = await postForm(emulator.url, fileForm(name));
    expect([refused.status, await codeOf(refused)]).toEqual([400, "excel_not_supported_here"]);
    const linked = await postForm(emulator.url, urlForm(`https://b.example/${name}?v=1`));
    expect(await codeOf(linked)).toBe("excel_not_supported_here");
    expect(emulator.submissions).toBe(0);
    expect((await postExcel(emulator.url, urlForm(`https://b.example/${name}`))).status).toBe(200);
    expect((await postExcel(emulator.url, fileForm(name))).status).toBe(200);
    expect(emulator.jobs).toMatchObject([
      { fileName: name, via: "url" },
      { fileName: name, via: "file" },
    ]);
    expect(emulator.requests.at(-1)).toMatchObject({ on: "submit", path: "/parse/excel" });
  });

  it("refuses other files at /parse/excel", async () => {
    await using emulator = await start("2026-09");
    expect((await postExcel(emulator.url, fileForm("a.pdf"))).status).toBe(400);
    expect((await postExcel(emulator.url, urlForm("https://b.example/a.pdf"))).status).toBe(400);
    expect(emulator.submissions).toBe(0);
  });

  it("accepts a JSON body with a URL and checks its options", async () => {
    await using emulator = await start("2026-09");
    const url = "https://b.example/a.pdf";
    expect((await postJson(emulator.url, { url, merge_tables: true })).status).toBe(200);
    expect(emulator.jobs).toMatchObject([{ via: "url", url, options: { merge_tables: true } }]);
    for (const wrong of [{ url, merge_tables: "maybe" }, { url: 3 }, {}, []])
      expect((await postJson(emulator.url, wrong)).status).toBe(400);
  });

  it("returns addresses only with include_url, and images as data URIs with base64_urls", async () => {
    await using emulator = await start("2026-09");
    const id = await submit(emulator.url);
    const none = { file_url: null, pdf_url: null, image: null };
    expect(await addresses(emulator.url, id, "")).toEqual(none);
    expect(await addresses(emulator.url, id, "?include_url=true")).toEqual({
      file_url: results.file_url,
      pdf_url: results.pdf_url,
      image: IMAGE,
    });
    expect(await addresses(emulator.url, id, "?base64_urls=true")).toEqual({
      ...none,
      image: expect.stringMatching(/^data:image\/png;base64,/),
    });
    expect((await getJob(emulator.url, id, "?include_url=yes")).status).toBe(400);
  });

  it("names the output file in the result", async () => {
    await using emulator = await start("2026-09");
    const answer = await objectOf(
      await getJob(emulator.url, await submit(emulator.url), "?output_file=true"),
    );
    expect(answer).not.toHaveProperty("output_file_url");
    const url = textOf(Object(answer["result"]).output_file_url);
    expect(chunksOf(await objectOf(await fetch(url)))).toHaveLength(1);
  });

  it("returns a code and a message for an unknown job", async () => {
    await using emulator = await start("2026-09");
    const response = await getJob(emulator.url, "nosuch");
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        error: {
          code: "task_not_found",
          message: "Job nosuch not found",
          details: null,
          request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    ]);
  });
});

const bodyOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  return response.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : text;
};

describe("the errors of the dialect 2026-09", () => {
  const envelope = (message: string) => ({ error: expect.objectContaining({ message }) });

  it.each([
    ["quota", 402, { message: "Insufficient quota", status: 402, quota_data: expect.anything() }, null],
    ["rate_limited", 429, { message: "Rate limit exceeded" }, null],
    ["rate_limited_retry_after", 429, { message: "Rate limit exceeded", retry_after: 20 }, "20"],
    ["usage_cap", 429, "Usage limit exceeded", null],
    ["queue_full", 503, envelope("Job queue is at capacity"), "20"],
    ["forbidden", 403, envelope("Access denied"), null],
    ["server_error", 500, envelope("Internal server error"), null],
  ] as const)("%s answers %i", async (fault, status, body, retryAfter) => {
    await using emulator = await startEmulator({
      results,
      dialect: "2026-09",
      faults: [{ on: "submit", fault }],
    });
    const response = await postForm(emulator.url, fileForm());
    expect([response.status, response.headers.get("retry-after")]).toEqual([status, retryAfter]);
    expect(await bodyOf(response)).toEqual(body);
    expect(emulator.submissions).toBe(0);
  });

  it.each([
    ["header", undefined, "7"],
    ["body", 7, null],
    ["both", 7, "7"],
  ] as const)("say when to come back in the %s", async (retryAfterIn, inBody, inHeader) => {
    await using emulator = await startEmulator({
      results,
      dialect: "2026-09",
      faults: [{ on: "status", fault: "rate_limited_retry_after", retryAfter: "7", retryAfterIn }],
    });
    const response = await getJob(emulator.url, await submit(emulator.url), "?include_chunks=false");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, inHeader]);
    expect((await objectOf(response))["retry_after"]).toBe(inBody);
  });

  it.each([
    ["submit", "20"],
    ["status", "5"],
    ["result", "5"],
  ] as const)("say 503 with Retry-After at a %s", async (on, seconds) => {
    const faults = [{ on, fault: "queue_full" }] as const;
    await using emulator = await startEmulator({ results, dialect: "2026-09", faults: [...faults] });
    const query = on === "status" ? "?include_chunks=false" : "";
    const response =
      on === "submit" ? await postForm(emulator.url, fileForm()) : await getJob(emulator.url, "any", query);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, seconds]);
  });

  it("name the maximum size of a file", async () => {
    await using emulator = await startEmulator({ results, dialect: "2026-09", maxFormBytes: 100 });
    const response = await postForm(emulator.url, fileForm());
    const answer = await objectOf(response);
    expect(response.status).toBe(413);
    expect(answer).toMatchObject({ message: "Payload too large", max_file_size_bytes: 100 });
    expect(answer["file_size_bytes"]).toBeGreaterThan(100);
  });

  it("can have the older form", async () => {
    await using emulator = await startEmulator({ results, dialect: "2026-09", errorText: "plain" });
    expect(await bodyOf(await getJob(emulator.url, "nosuch"))).toBe("Job nosuch not found");
  });

  it("refuse a single job when a fault says so", async () => {
    await using emulator = await start("2026-09");
    const [mine, other] = [await submit(emulator.url), await submit(emulator.url)];
    emulator.addFault({ on: "result", fault: "forbidden", match: ({ jobId }) => jobId === other });
    expect((await getJob(emulator.url, other)).status).toBe(403);
    expect((await getJob(emulator.url, mine)).status).toBe(200);
  });
});

it.each(DIALECTS)("a document blocked for personal data creates no job, in %s", async (dialect) => {
  const faults = [{ on: "submit", fault: "pii_blocked" }] as const;
  await using emulator = await startEmulator({ results, dialect, faults: [...faults] });
  const response = await postForm(emulator.url, fileForm());
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ job_id: null, status: "pii_blocked", blocked: true });
  expect([emulator.submissions, emulator.jobs]).toEqual([0, []]);
});

describe("the files of the upload", () => {
  it.each(["a.webp", "page.HTML"])("are %s too, in 2026-09 and nowhere else", async (name) => {
    for (const dialect of DIALECTS) {
      await using emulator = await start(dialect);
      const expected = dialect === "2026-09" ? 200 : 400;
      expect((await presign(emulator.url, { file_name: name })).status).toBe(expected);
      expect((await postForm(emulator.url, fileForm(name))).status).toBe(400);
    }
  });
});

describe("expires_in", () => {
  it.each([
    ["2026-03", 404],
    ["2026-09", 200],
  ] as const)("of POST /parse, in %s, leaves a later GET with %i", async (dialect, status) => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({ results, dialect, clock });
    const id = await submit(emulator.url, "a.pdf", { expires_in: "60" });
    clock.advance(60_000);
    expect((await getJob(emulator.url, id)).status).toBe(status);
  });

  it.each([
    ["2026-03", 3_600_000],
    ["2026-09", 60_000],
  ] as const)("of an upload, in %s, leaves its address %i ms", async (dialect, ms) => {
    const clock = new SteppedClock();
    await using emulator = await startEmulator({ results, dialect, clock });
    const signed = await objectOf(await presign(emulator.url, { file_name: "a.pdf", expires_in: 60 }));
    expect(Date.parse(textOf(signed["expires_at"])) - clock.now()).toBe(ms);
    expect(new URL(textOf(signed["upload_url"])).searchParams.get("expires")).toBe(String(clock.now() + ms));
  });
});

/** Options by their older and their newer name, with a value of each. */
const RENAMED = {
  segmentation_method: "page_by_page",
  ocr_mode: "auto_ocr",
  keep_segment_types: "Table,Picture",
};
const NEWER = {
  layout_analysis: "advanced_layout_detection",
  ocr_strategy: "auto_detection",
  segment_filter: "Table,Picture",
  agentic_ocr: "advanced",
  enhance_reading_order: true,
  export_format: ["docx", "json"],
  extract_strikethrough: true,
  segmentation_version: "v2",
  merge_batch_size: 20,
  response_profile: "slim",
  detect_pii: true,
  pii_block_severity: "high",
  pii_engine: "standard",
};
const WORKBOOK = {
  exclude_hidden: true,
  exclude_hidden_cols: true,
  exclude_hidden_rows: false,
  exclude_hidden_sheets: true,
  exclude_images: true,
  exclude_styling: true,
  max_rows_per_segment: 50,
  split_large_tables: false,
  table_clustering: "fast",
};

const asFields = (options: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );

describe("the options of a request", () => {
  const common = { validate_table_segments: true, ocr_engine: "UnsiloedHawk" };
  it.each([
    ["2026-03", "parse", { ...common, ...RENAMED }, { ...NEWER, ...WORKBOOK }],
    ["2026-09", "parse", { ...common, ...NEWER }, { ...RENAMED, ...WORKBOOK }],
    ["2026-03", "upload", { ...common, ocr_mode: "force_ocr" }, { ...NEWER, keep_segment_types: "all" }],
    ["2026-09", "upload", { ...common, ...NEWER, expires_in: 900 }, { ...RENAMED, ...WORKBOOK }],
    ["2026-09", "excel", { ...WORKBOOK, expires_in: 60 }, { ...common, ...NEWER, ...RENAMED }],
  ] as const)("of %s, sent to %s, are known or ignored", async (dialect, call, known, ignored) => {
    await using emulator = await start(dialect);
    const given = { ...known, ...ignored };
    const sent = {
      parse: () => postForm(emulator.url, fileForm("a.pdf", asFields(given))),
      upload: () => presign(emulator.url, { file_name: "a.pdf", ...given }),
      excel: () => postExcel(emulator.url, fileForm("a.xlsx", asFields(given))),
    }[call];
    expect((await sent()).status).toBe(200);
    expect(emulator.jobs[0]?.options).toEqual(known);
    expect(emulator.jobs[0]?.unknownOptions.toSorted()).toEqual(Object.keys(ignored).sort());
  });

  it.each([
    ["parse", { layout_analysis: "auto" }],
    ["parse", { ocr_strategy: "auto_ocr" }],
    ["parse", { pii_block_severity: "severe" }],
    ["excel", { table_clustering: "best" }],
    ["excel", { max_rows_per_segment: 0 }],
  ] as const)("of 2026-09, sent to %s, are checked: %o", async (call, wrong) => {
    await using emulator = await start("2026-09");
    const fields = asFields(wrong);
    const response = await (call === "parse"
      ? postForm(emulator.url, fileForm("a.pdf", fields))
      : postExcel(emulator.url, fileForm("a.xlsx", fields)));
    expect(response.status).toBe(400);
    expect((await objectOf(response))["error"]).toMatchObject({
      message: expect.stringContaining(Object.keys(wrong).join()),
    });
  });

  it.each([
    ["2026-03", "LLM", 200],
    ["2026-03", "VLM", 400],
    ["2026-09", "VLM", 200],
  ] as const)(
    "of %s, with the generation strategy %s, are answered with %i",
    async (dialect, html, status) => {
      await using emulator = await start(dialect);
      const fields = asFields({ segment_processing: { Table: { html } } });
      expect((await postForm(emulator.url, fileForm("a.pdf", fields))).status).toBe(status);
    },
  );
});

describe("the dialect 2026-03", () => {
  it("has no /parse/excel, JSON bodies or include_url", async () => {
    await using emulator = await start("2026-03");
    expect((await postForm(emulator.url, fileForm("book.xlsx"))).status).toBe(200);
    expect((await postExcel(emulator.url, fileForm("book.xlsx"))).status).toBe(405);
    expect((await postJson(emulator.url, { url: "https://b.example/a.pdf" })).status).toBe(400);
    const id = await submit(emulator.url);
    expect(await addresses(emulator.url, id, "")).toMatchObject({ file_url: results.file_url, image: IMAGE });
    const answer = await objectOf(await getJob(emulator.url, id, "?output_file=true"));
    expect(answer).toMatchObject({ output_file_url: expect.any(String) });
  });
});
