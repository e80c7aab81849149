import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../src/emulator/options.js";
import { startEmulator } from "../../src/emulator/server.js";
import { isRecord } from "../../src/internal/objects.js";
import {
  chunksOf,
  fileForm,
  getJob,
  KEY,
  objectOf,
  SAMPLE,
  submit,
  textOf,
} from "../support/emulator/requests.js";
import { temporaryDirectory } from "../support/parse-service.js";

const start = (options: Partial<EmulatorOptions> = {}) =>
  startEmulator({ results: SAMPLE, dialect: "2026-09", ...options });

const segmentsOf = (result: Record<string, unknown>) => chunksOf(result).flatMap(({ segments }) => segments);

const typesOf = (result: Record<string, unknown>) =>
  segmentsOf(result).map((segment) => textOf(segment["segment_type"]));

const get = async (url: string, id: string, query = "") => objectOf(await getJob(url, id, query));

const segment = (id: string, fields: Record<string, unknown>) => ({
  segment_id: id,
  segment_type: "Text",
  page_number: 1,
  ...fields,
});
const resultOf = (...chunks: Record<string, unknown>[][]) => ({
  chunks: chunks.map((segments, index) => ({ chunk_id: `c-${index}`, embed: "", segments })),
});

describe("how much a result holds", () => {
  const saved = resultOf([segment("a", {})], [segment("b", { page_number: 3 })], [segment("c", {})]);

  it("is said in 2026-09, with and without the chunks, where the saved result does not say", async () => {
    await using emulator = await start({ results: saved });
    const id = await submit(emulator.url);
    for (const query of ["", "?include_chunks=false"])
      expect(await get(emulator.url, id, query)).toMatchObject({ total_chunks: 3, page_count: 3 });
  });

  it("is what the saved result says, also when it is short", async () => {
    await using emulator = await start({ results: { ...saved, total_chunks: 5, page_count: 9 } });
    const result = await get(emulator.url, await submit(emulator.url));
    expect(result).toMatchObject({ total_chunks: 5, page_count: 9 });
    expect(chunksOf(result)).toHaveLength(3);
  });

  it.each([
    ["2026-03", ""],
    ["2026-09", ""],
    ["2026-09", "&output_file=true"],
  ] as const)("is more than what comes under the fault short, in %s%s", async (dialect, query) => {
    const on = query === "" ? "result" : "output";
    await using emulator = await start({ dialect, faults: [{ on, fault: "short" }] });
    const id = await submit(emulator.url);
    const read = async () => {
      const answer = await get(emulator.url, id, `?include_chunks=true${query}`);
      if (query === "") return answer;
      return objectOf(await fetch(textOf(Object(answer["result"]).output_file_url)));
    };
    const result = await read();
    expect(result).toMatchObject({ status: "Succeeded", total_chunks: 22 });
    expect(chunksOf(result)).toHaveLength(11);
    expect(chunksOf(await read())).toHaveLength(22);
  });

  it("is reported again once a missing result is back", async () => {
    const directory = await temporaryDirectory();
    const file = path.join(directory, "saved.json");
    await writeFile(file, JSON.stringify(saved));
    await using emulator = await start({ results: file });
    const id = await submit(emulator.url);
    await rm(file);
    expect((await getJob(emulator.url, id)).status).toBe(500);
    await writeFile(file, JSON.stringify(saved));
    expect(await get(emulator.url, id)).toMatchObject({ total_chunks: 3 });
  });

  it("is not said in 2026-03 where the saved result does not", async () => {
    await using emulator = await start({ results: saved, dialect: "2026-03" });
    expect(await get(emulator.url, await submit(emulator.url))).not.toHaveProperty("total_chunks");
  });
});

describe("a filter of segment types", () => {
  it.each(["segment_filter", "keep_segment_types"])("works at the GET as %s", async (name) => {
    await using emulator = await start();
    const id = await submit(emulator.url);
    const result = await get(emulator.url, id, `?${name}=Table,section%20header`);
    expect(new Set(typesOf(result))).toEqual(new Set(["Table", "SectionHeader"]));
    expect(result["total_chunks"]).toBe(chunksOf(result).length);
    expect(await get(emulator.url, id, `?${name}=Table,section%20header&include_chunks=false`)).toMatchObject(
      {
        total_chunks: result["total_chunks"],
      },
    );
    expect(typesOf(await get(emulator.url, id, `?${name}=all`))).toHaveLength(54);
  });

  it("works at the submission, and both together", async () => {
    await using emulator = await start();
    const id = await submit(emulator.url, "a.pdf", { segment_filter: "Table,Picture" });
    expect(new Set(typesOf(await get(emulator.url, id)))).toEqual(new Set(["Table", "Picture"]));
    const both = await get(emulator.url, id, "?segment_filter=Picture,Text");
    expect(new Set(typesOf(both))).toEqual(new Set(["Picture"]));
  });

  it("is unknown to 2026-03", async () => {
    await using emulator = await start({ dialect: "2026-03" });
    const id = await submit(emulator.url);
    expect(typesOf(await get(emulator.url, id, "?segment_filter=Table"))).toHaveLength(54);
  });
});

describe("a table that spans pages", () => {
  const merged = (result: Record<string, unknown>) =>
    segmentsOf(result).filter((each) => textOf(each["segment_id"]).endsWith("_merged"));

  it("is one table where the job and the GET ask for it", async () => {
    await using emulator = await start({ renewIds: false });
    const id = await submit(emulator.url, "a.pdf", { merge_tables: "true" });
    const apart = await get(emulator.url, id);
    const result = await get(emulator.url, id, "?merge_tables=true&enhanced_table=true");
    const [table, ...others] = merged(result);
    if (!table) throw new Error("expected a merged table");
    expect([others, merged(apart)]).toEqual([[], []]);
    const parts = segmentsOf(apart).filter(
      ({ segment_type, page_number }) => segment_type === "Table" && [3, 4].includes(Number(page_number)),
    );
    expect(parts).toHaveLength(2);
    expect(table["segment_id"]).toBe(`${parts[0]?.["segment_id"]}_merged`);
    expect(table["page_number"]).toBe(3);
    expect(table["merged_page_bboxes"]).toEqual(
      parts.map(({ page_number, page_width, page_height, bbox }) => ({
        page_number,
        page_width,
        page_height,
        bbox,
      })),
    );
    const rows = (of: Record<string, unknown>) => textOf(of["markdown"]).trim().split("\n").slice(2);
    expect(rows(table)).toEqual(parts.flatMap(rows));
    const htmlRows = (of: Record<string, unknown>) => textOf(of["html"]).split("<tr").length - 1;
    expect(htmlRows(table)).toBe(parts.reduce((sum, part) => sum + htmlRows(part), -1));
    expect(segmentsOf(result)).toHaveLength(segmentsOf(apart).length - 1);
    expect(result["total_chunks"]).toBe(chunksOf(result).length);
    expect(result["merge_tables"]).toBe(true);
  });

  it("keeps the end of its id when ids are renewed", async () => {
    await using emulator = await start();
    const id = await submit(emulator.url, "a.pdf", { merge_tables: "true" });
    const [table] = merged(await get(emulator.url, id, "?merge_tables=true"));
    const [first] = segmentsOf(await get(emulator.url, id)).filter(
      ({ segment_type, page_number }) => segment_type === "Table" && page_number === 3,
    );
    expect(table?.["segment_id"]).toBe(`${first?.["segment_id"]}_merged`);
  });

  it.each([
    ["2026-09", {}, "?merge_tables=true"],
    ["2026-09", { merge_tables: "true" }, ""],
    ["2026-03", { merge_tables: "true" }, "?merge_tables=true"],
  ] as const)("stays apart otherwise, in %s, of a job with %o", async (dialect, fields, query) => {
    await using emulator = await start({ dialect });
    const id = await submit(emulator.url, "a.pdf", fields);
    const result = await get(emulator.url, id, query);
    expect([merged(result), segmentsOf(result).length]).toEqual([[], 54]);
  });

  const table = (id: string, page: number, markdown: string) =>
    segment(id, { segment_type: "Table", page_number: page, markdown });
  const head = (page: number) => segment(`h${page}`, { segment_type: "PageHeader", page_number: page });
  const one = "| a | b |\n| - | - |\n| 1 | 2 |";
  const next = "| 3 | 4 |\n| - | - |\n| 5 | 6 |";

  it.each([
    [
      "over three pages, in chunks of their own",
      [[table("t", 1, one)], [head(2), table("u", 2, next)], [table("v", 3, one)]],
      ["t_merged"],
    ],
    [
      "within one chunk",
      [[segment("s", {}), table("t", 1, one), head(2), table("u", 2, next)]],
      ["t_merged"],
    ],
    ["unless text stands between them", [[table("t", 1, one), segment("s", {}), table("u", 2, next)]], []],
    ["unless a page lies between them", [[table("t", 1, one)], [table("u", 3, next)]], []],
    ["unless they have other columns", [[table("t", 1, one)], [table("u", 2, "| a |\n| - |\n| 1 |")]], []],
    [
      "twice in a row",
      [
        [table("t", 1, one), table("u", 2, next), segment("s", { page_number: 2 })],
        [table("v", 2, one)],
        [table("w", 3, one)],
      ],
      ["t_merged", "v_merged"],
    ],
  ])("is merged %s", async (_name, chunks, ids) => {
    await using emulator = await start({ results: resultOf(...chunks), renewIds: false });
    const id = await submit(emulator.url, "a.pdf", { merge_tables: "true" });
    const result = await get(emulator.url, id, "?merge_tables=true");
    expect(merged(result).map(({ segment_id }) => segment_id)).toEqual(ids);
    const order = segmentsOf(result).map(({ segment_id }) => textOf(segment_id).replace("_merged", ""));
    const before = chunks.flat().map(({ segment_id }) => textOf(segment_id));
    expect(order).toEqual(before.filter((each) => order.includes(each)));
    const rows = (of: Record<string, unknown>[]) =>
      of
        .flatMap(({ markdown }) => (markdown ? textOf(markdown).split("\n") : []))
        .filter((line) => /\d/.test(line));
    expect(rows(segmentsOf(result))).toEqual(rows(chunks.flat()));
  });
});

describe("the fields of a segment", () => {
  const v2 = resultOf([
    segment("k", { segment_type: "KeyValuePair", content: "Tenant: Anna" }),
    segment("s", { segment_type: "Signature", content: "" }),
    segment("l", { segment_type: "Seal" }),
  ]);

  it.each([
    [undefined, ["KeyValuePair", "Signature", "Seal"]],
    ["v2", ["KeyValuePair", "Signature", "Seal"]],
    ["v1", ["Text", "Picture", "Picture"]],
  ])("have the types of segmentation_version %s", async (version, types) => {
    await using emulator = await start({ results: v2 });
    const id = await submit(emulator.url, "a.pdf", version ? { segmentation_version: version } : {});
    expect(typesOf(await get(emulator.url, id))).toEqual(types);
  });

  it("name their type for readers, unless the saved result does", async () => {
    await using emulator = await start();
    const result = await get(emulator.url, await submit(emulator.url));
    for (const { segment_type, segment_type_display } of segmentsOf(result))
      expect(textOf(segment_type_display).replace(" ", "")).toBe(segment_type);
    expect(JSON.stringify(result)).toContain('"Section Header"');
    const outcome = resultOf([segment("k", { segment_type_display: "Paragraph" })]);
    const other = emulator.addJob({ outcome });
    const text = await (await getJob(emulator.url, other)).text();
    expect(text.split("segment_type_display")).toHaveLength(2);
    expect(text).toContain('"Paragraph"');
  });

  it("are fewer with response_profile slim", async () => {
    await using emulator = await start();
    const id = await submit(emulator.url, "a.pdf", { response_profile: "slim" });
    for (const each of segmentsOf(await get(emulator.url, id, "?include_url=true"))) {
      expect(each).toMatchObject({ markdown: expect.any(String), page_number: expect.any(Number) });
      for (const name of ["content", "image", "ocr", "confidence", "chart_data", "page_width", "page_height"])
        expect(each).not.toHaveProperty(name);
    }
  });

  it("name the cells of a workbook", async () => {
    const table = {
      segment_type: "Table",
      markdown: "| a | b | c |\n| - | - | - |\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |",
    };
    const saved = [{ sheet: "Budget", address: "B2:C9", ref: "Budget!B2:C9" }];
    await using emulator = await start({
      results: resultOf(
        [segment("a", {}), segment("b", table)],
        [segment("c", { page_number: 2 }), segment("d", { cell_references: saved }), segment("e", {})],
      ),
    });
    const form = fileForm("book.xlsx");
    const response = await fetch(`${emulator.url}/parse/excel`, { method: "POST", headers: KEY, body: form });
    const id = textOf((await objectOf(response))["job_id"]);
    const references = segmentsOf(await get(emulator.url, id)).map(({ cell_references }) => cell_references);
    const at = (sheet: string, address: string) => [{ sheet, address, ref: `${sheet}!${address}` }];
    expect(references).toEqual([
      at("Sheet1", "A1"),
      at("Sheet1", "A2:C4"),
      at("Sheet2", "A1"),
      saved,
      at("Sheet1", "A5"),
    ]);
    const others = segmentsOf(await get(emulator.url, await submit(emulator.url, "a.pdf")));
    expect(others.filter((each) => "cell_references" in each)).toHaveLength(1);
  });

  it("are those that the GET asked for in the output file too", async () => {
    await using emulator = await start();
    const id = await submit(emulator.url, "a.pdf", { merge_tables: "true" });
    const query = "?merge_tables=true&segment_filter=Table,Picture&include_url=true";
    const answer = await get(emulator.url, id, `${query}&output_file=true`);
    const url = isRecord(answer["result"]) ? textOf(answer["result"]["output_file_url"]) : "";
    expect(await objectOf(await fetch(url))).toEqual(await get(emulator.url, id, query));
  });
});

describe("states in lower case", () => {
  it("are those of an option", async () => {
    await using emulator = await start({
      lowerCaseStates: true,
      results: { byFileName: { "bad.pdf": { fail: "corrupted" } }, default: resultOf() },
      states: ({ fileName }) => (fileName === "slow.pdf" ? ["Processing"] : undefined),
    });
    const statusOf = async (name: string) => {
      const id = await submit(emulator.url, name);
      return (await get(emulator.url, id, "?include_chunks=false"))["status"];
    };
    expect(await statusOf("a.pdf")).toBe("completed");
    expect(await statusOf("bad.pdf")).toBe("failed");
    expect(await statusOf("slow.pdf")).toBe("processing");
  });

  it("can be listed", async () => {
    await using emulator = await start({ states: ["queued", "completed"] });
    const id = await submit(emulator.url);
    expect((await get(emulator.url, id))["status"]).toBe("queued");
    const result = await get(emulator.url, id);
    expect(result["status"]).toBe("completed");
    expect(chunksOf(result)).toHaveLength(22);
  });
});
