import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { UnsiloedJobLoader } from "../../loaders/job-loader.js";
import { startEmulator } from "../../src/emulator/server.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { outcomeOf } from "../support/faults/oracle.js";
import { World } from "../support/faults/world.js";

const ROWS_ON_PAGES = [8, 12, 6];
const LINE = 24;

const rowsFrom = (start: number, count: number): string[][] =>
  Array.from({ length: count }, (_, row) => [`Site ${start + row}`, `${(start + row) * 11} MW`]);

/** A table over three pages, as one segment a page: that is how the service gives it unless tables are merged. */
const parts = ROWS_ON_PAGES.map((count, index) => {
  const start = ROWS_ON_PAGES.slice(0, index).reduce((sum, before) => sum + before, 0);
  const lines = [...(index === 0 ? [["Site", "Power"]] : []), ...rowsFrom(start, count)];
  return {
    segment_id: `table-${index}`,
    segment_type: "Table",
    content: lines.flat().join(" "),
    markdown: lines
      .flatMap((line, at) => [`| ${line.join(" | ")} |`, ...(at === 0 ? ["| --- | --- |"] : [])])
      .join("\n"),
    html: `<table>${lines.map((line) => `<tr>${line.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</table>`,
    page_number: index + 1,
    page_width: 1_000,
    page_height: 1_400,
    bbox: { left: 100, top: index === 0 ? 900 : 80, width: 400, height: lines.length * LINE },
    confidence: 0.9,
    ocr: lines.flatMap((line, row) =>
      line.flatMap((cell, column) =>
        cell.split(" ").map((text, at) => ({
          text,
          bbox: { left: column * 200 + at * 60, top: row * LINE, width: 50, height: 18 },
          confidence: 0.9,
        })),
      ),
    ),
  };
});

const result = { chunks: parts.map((segment, index) => ({ chunk_id: `c${index}`, segments: [segment] })) };

describe.each(["lancedb", "qdrant"] as const)("a merged table, on %s", (store) => {
  let world: World;

  beforeEach(async () => {
    world = await World.open({ store, emulator: { results: result, dialect: "2026-09" } });
    world.files = { "a.pdf": "one" };
  });
  afterEach(() => world.close());

  it("is found by the pages of its rows, with their boxes", async () => {
    const sources = () =>
      new UnsiloedFileLoader([{ name: "a.pdf", data: Buffer.from("%PDF one") }], {
        apiKey: "parse-key",
        baseUrl: world.emulator.url,
        words: true,
        parse: { merge_tables: true },
      }).sources();
    const splitter = new SegmentSplitter({ chunkSize: 80 });
    expect(outcomeOf(await world.run({ sources: sources(), splitter }))).toBe("recovered");
    const sink = world.openSink();
    try {
      for (const page of [1, 2, 3]) {
        const found: string[] = [];
        for await (const { content, metadata } of sink.readPoints({ pages: { from: page, to: page } })) {
          expect(metadata.bbox_precision).toBe("word");
          expect(metadata).not.toHaveProperty("merged_page_bboxes");
          for (const { page_number, bbox } of metadata.boxes) {
            const part = parts[page_number - 1]?.bbox;
            expect(bbox?.top).toBeGreaterThanOrEqual(part?.top ?? Number.NaN);
            expect((bbox?.top ?? 0) + (bbox?.height ?? 0)).toBeLessThanOrEqual(
              (part?.top ?? 0) + (part?.height ?? 0),
            );
          }
          found.push(content);
        }
        const start = ROWS_ON_PAGES.slice(0, page - 1).reduce((sum, before) => sum + before, 0);
        for (const [site] of rowsFrom(start, ROWS_ON_PAGES[page - 1] ?? 0))
          expect(found.join("\n")).toContain(`| ${site} |`);
        const [other] = rowsFrom(page === 1 ? 25 : 0, 1)[0] ?? [];
        expect(found.join("\n")).not.toContain(`| ${other} |`);
      }
      expect(await sink.count({ pages: { from: 4, to: 9 } })).toBe(0);
    } finally {
      await sink.close();
    }
  });
});

describe("a job that was parsed with merged tables", () => {
  const segmentIds = async (documents: Promise<{ metadata: { segment_id: string | null } }[]>) =>
    (await documents).map(({ metadata }) => metadata.segment_id);

  it("is read merged, even by its id alone, unlike other jobs", async () => {
    await using emulator = await startEmulator({ results: result, dialect: "2026-09", renewIds: false });
    const options = { apiKey: "k", baseUrl: emulator.url };
    const file = { name: "a.pdf", data: Buffer.from("%PDF one") };
    const load = (parse: object) => segmentIds(new UnsiloedFileLoader(file, { ...options, parse }).load());
    expect(await load({ merge_tables: true })).toEqual(["table-0_merged"]);
    expect(await load({})).toEqual(["table-0", "table-1", "table-2"]);
    const [merged = "", plain = ""] = emulator.jobs.map(({ jobId }) => jobId);
    expect(await segmentIds(new UnsiloedJobLoader(merged, options).load())).toEqual(["table-0_merged"]);
    expect(await segmentIds(new UnsiloedJobLoader(plain, options).load())).toHaveLength(3);
  });

  it("is read in the form of March 2026 when the service does not say", async () => {
    await using emulator = await startEmulator({ results: result, dialect: "2026-03", renewIds: false });
    const options = { apiKey: "k", baseUrl: emulator.url, parse: { merge_tables: true } };
    const loader = new UnsiloedFileLoader({ name: "a.pdf", data: Buffer.from("%PDF one") }, options);
    expect(await segmentIds(loader.load())).toHaveLength(3);
  });
});
