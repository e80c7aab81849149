import { describe, expect, it } from "vitest";
import type { Segment } from "../../src/documents/segment.js";
import { SegmentConverter } from "../../src/documents/to-document.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { isLeftOut, SHARE_SEED } from "../support/thorough.js";

// At this length, an algorithm of quadratic time would exceed the time limit of a test.
const LENGTH = 500_000;
const fill = (piece: string): string => piece.repeat(Math.ceil(LENGTH / piece.length));

const documentsOf = (segments: readonly Partial<Segment>[]) => {
  const converter = new SegmentConverter({ source: "r", docId: "r", jobId: null });
  return segments.map((segment) =>
    converter.convert({ segment_type: "Text", page_number: 1, ...segment }, null),
  );
};

const split = (...segments: Partial<Segment>[]) =>
  new SegmentSplitter({ chunkOverlap: 0, threads: 0 }).transformDocuments(documentsOf(segments));

const TEXTS: Record<string, string> = {
  "one word": fill("x"),
  blanks: `a${fill(" ")}b`,
  tabs: `a${fill("\t")}b`,
  "hard blanks": `a${fill("\u00a0")}b`,
  "marks of headings": `a ${fill("#")} b`,
  "table delimiters": `| a | b |\n${fill("| --- ")}`,
  brackets: fill("["),
  "numbers of sections": fill("1.1."),
  dots: fill(". "),
  backslashes: fill("\\"),
};

const HTML: Record<string, string> = {
  "cells never closed": `<table>${fill("<td>")}`,
  "tables in tables": fill("<table><tr><td>"),
  "closing tags that close nothing": `<table>${"<div>".repeat(40_000)}${fill("</b>")}<tr><td>a</td></tr>`,
  "tags within each other": `<table>${fill("<b>")}`,
  "one wide row": `<table><tr>${fill("<td>a</td>")}</tr><tr><td>b</td></tr></table>`,
  "cells for all rows": `<table>${fill('<tr><td rowspan="0">a</td><td>b</td></tr>')}`,
  "wide cells": `<table>${fill('<tr><td colspan="999" rowspan="999">a</td></tr>')}`,
  "a comment without end": `<table><tr><td>a</td></tr><!--${fill("-")}`,
  "brackets that are no tags": `<table><tr><td>${fill("<")}`,
  "many siblings": `<div>${fill("<i>a</i>")}</div><table><tr><td>a</td></tr></table>`,
};

/** Every text as every type of segment that has such texts. */
const crossed = (texts: Record<string, string>, types: readonly string[]) =>
  Object.entries(texts).flatMap(([name, text]) => types.map((type) => ({ name, text, type })));

describe(`texts of half a million characters (seed ${SHARE_SEED})`, () => {
  const types = ["Text", "SectionHeader", "Table", "Caption", "KeyValuePair"];
  for (const [index, { name, text, type }] of crossed(TEXTS, types).entries())
    it(
      `are split in time that grows with their length: ${name}, ${type}`,
      { skip: isLeftOut(index, 4) },
      async () => expect(await split({ segment_type: type, content: text, markdown: text })).not.toEqual([]),
    );

  const htmlTypes = ["Table", "Text", "KeyValuePair"];
  for (const [index, { name, text, type }] of crossed(HTML, htmlTypes).entries())
    it(`are split as HTML: ${name}, ${type}`, { skip: isLeftOut(index, 4) }, async () =>
      expect(await split({ segment_type: type, html: text }, { content: "end" })).not.toEqual([]),
    );
});

it("treats scripts and event handlers as text or drops them", async () => {
  const html =
    '<table><tr><td onclick="steal()">A <script>steal()</script><img src="x" onerror="steal()"></td></tr><tr><td>javascript:steal()</td></tr></table>';
  const [found, ...others] = await split({ segment_type: "Table", html });
  expect(others).toEqual([]);
  expect(found?.pageContent).toContain("javascript:steal()");
  expect(found?.pageContent).not.toMatch(/onclick|onerror|<script/);
});

it("shortens a heading of megabytes, because every later split would repeat it", () => {
  const documents = documentsOf([{ segment_type: "Title", content: fill("Long ") }, { content: "Body." }]);
  for (const { metadata } of documents) {
    expect(metadata.section_path).toHaveLength(1);
    expect(metadata.section_path[0]?.length).toBe(1_001);
  }
});

it("splits a run of more segments than a function call can have arguments", {
  skip: isLeftOut(0, 4),
}, async () => {
  const documents = documentsOf(Array.from({ length: 150_000 }, () => ({ content: "x ".repeat(201) })));
  const splitter = new SegmentSplitter({ chunkSize: 210, countTokens: (text) => text.length / 2 });
  expect((await splitter.transformDocuments(documents)).length).toBe(150_000);
});
