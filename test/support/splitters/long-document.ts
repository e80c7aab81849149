import { makeResult, readSentences } from "../../../bench/speed/workload.js";
import { UnsiloedResultLoader } from "../../../loaders/result-loader.js";
import type { SegmentDocument } from "../../../src/documents/metadata.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";

const SEGMENTS = 100;

/** Makes the document long enough for a thread, with less work than so much text would be. */
const LONG_TABLE = {
  segment_type: "Table",
  page_number: 1,
  html: `<table><!--${"-".repeat(1_000_000)}--><tr><td>Sites</td><td>12</td></tr></table>`,
};

let json: Promise<string> | undefined;

const makeJson = async (): Promise<string> => {
  const { chunks } = makeResult(SEGMENTS, 3, await readSentences());
  const middle = chunks.length / 2;
  const long = { segments: [LONG_TABLE] };
  return JSON.stringify({
    job_id: "job",
    chunks: [...chunks.slice(0, middle), long, ...chunks.slice(middle)],
  });
};

/** Loads a document that is split in a thread, though its first half would not be. */
export const load = async (words: boolean): Promise<SegmentDocument[]> => {
  json ??= makeJson();
  return new UnsiloedResultLoader(JSON.parse(await json), { words }).load();
};

/** Makes a splitter that uses no thread. */
export const here = (chunkSize?: number) =>
  new SegmentSplitter({ threads: 0, ...(chunkSize && { chunkSize }) });
