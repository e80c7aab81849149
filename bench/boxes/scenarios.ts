import type { SegmentDocument } from "../../src/documents/metadata.js";
import { SegmentConverter } from "../../src/documents/to-document.js";
import type { Truth } from "./measure.js";
import { type TablePageOptions, typesetTable } from "./table-typesetter.js";
import { type PageOptions, typeset } from "./typesetter.js";

type TextScenario = Omit<PageOptions, "seed" | "sentences">;
type TableScenario = Omit<TablePageOptions, "seed">;

const ALL: TextScenario = {
  columns: 2,
  hyphenation: 0.8,
  ligatures: 0.5,
  markdown: 0.05,
  repeated: 0.2,
  spacing: 0.03,
  noise: 0.02,
};

/** Pages of text, by their difficulty. */
export const TEXT_SCENARIOS: Readonly<Record<string, TextScenario>> = {
  "as printed": {},
  "hyphenated at line ends, joined in the text": { hyphenation: 0.8 },
  "two columns, hyphenated": { columns: 2, hyphenation: 0.8 },
  "columns read in another order": { columns: 2, hyphenation: 0.8, reordered: true },
  ligatures: { ligatures: 1 },
  "Markdown, escapes, entities, links in 15 % of words": { markdown: 0.15 },
  "the same sentence after every second": { repeated: 0.5, hyphenation: 0.8 },
  "3 % of words read as one, 3 % as two": { spacing: 0.03 },
  "2 % of characters misread": { noise: 0.02 },
  "8 % of characters misread": { noise: 0.08 },
  Chinese: { chinese: true },
  "boxes of the page": { onPage: true },
  "boxes moved by 30 pixels": { shift: 30 },
  "all of it: 2 columns, hyphens, ligatures, Markdown, repeats, spacing, 2 % noise": ALL,
};

/** Pages on which words are missing, so that some splits rightly get the box of their segment. */
export const INCOMPLETE_SCENARIOS: Readonly<Record<string, TextScenario>> = {
  "3 % of words not read": { lost: 0.03 },
  "8 % of words not read": { lost: 0.08 },
};

/** Pages on which a split is exact only if it ends at the end of a line. */
export const LINE_SCENARIOS: Readonly<Record<string, TextScenario>> = {
  "every word has the box of its line": { lineBoxes: true },
};

/** Pages on which no word has its own box, so that no split may be said to have exact boxes. */
export const WRONG_SCENARIOS: Readonly<Record<string, TextScenario>> = {
  "words have the boxes of other words": { shuffled: true },
  "boxes of 72 dpi, pixels of 200": { scale: 0.36 },
  "boxes of the page at 300 dpi, pixels of 200": { scale: 1.5, onPage: true },
  "boxes of the page at 300 dpi, moved by 200 pixels": { scale: 1.5, onPage: true, shift: 200 },
};

const TABLE: TableScenario = { rows: 60, columns: 5, cellWords: 2, order: "line" };

/** Tables, by their difficulty. */
export const TABLE_SCENARIOS: Readonly<Record<string, TableScenario>> = {
  "one line a row": TABLE,
  "cells of several lines": { ...TABLE, cellWords: 9 },
  "cells of several lines, centred": { ...TABLE, cellWords: 9, centred: true },
  "read by cells": { ...TABLE, cellWords: 9, order: "cell" },
  "read by columns": { ...TABLE, cellWords: 9, order: "column" },
  "a third of the rows are the same": { ...TABLE, equal: 0.33 },
  "5 % of characters misread": { ...TABLE, cellWords: 9, noise: 0.05 },
};

const segmentDocument = (segment: Parameters<SegmentConverter["convert"]>[0]): SegmentDocument =>
  new SegmentConverter({ source: "typeset", docId: "typeset", jobId: null, words: true }).convert(
    segment,
    null,
  );

/** A typeset page of about 40 sentences, and its truth. */
export const textPage = (
  scenario: TextScenario,
  seed: number,
): { segments: SegmentDocument[]; truth: Truth } => {
  const { segment, printed } = typeset({ ...scenario, seed, sentences: 40 });
  return { segments: [segmentDocument(segment)], truth: { printed: () => printed, rows: () => undefined } };
};

export const tablePage = (
  scenario: TableScenario,
  seed: number,
): { segments: SegmentDocument[]; truth: Truth } => {
  const { segment, rows } = typesetTable({ ...scenario, seed });
  return { segments: [segmentDocument(segment)], truth: { printed: () => undefined, rows: () => rows } };
};
