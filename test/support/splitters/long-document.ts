import { makeResult, readSentences } from "../../../bench/speed/workload.js";
import { UnsiloedResultLoader } from "../../../loaders/result-loader.js";
import type { SegmentDocument } from "../../../src/documents/metadata.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";

/** Enough segments for a thread, of which words are most of the work. */
const SEGMENTS = { withWords: 650, withoutWords: 2_600 };

/** The JSON of results by their number of segments. */
const made = new Map<number, string>();

const resultOf = async (segments: number): Promise<string> => {
  const json = made.get(segments) ?? JSON.stringify(makeResult(segments, 3, await readSentences()));
  made.set(segments, json);
  return json;
};

export const load = async (words: boolean): Promise<SegmentDocument[]> => {
  const json = await resultOf(words ? SEGMENTS.withWords : SEGMENTS.withoutWords);
  return new UnsiloedResultLoader({ job_id: "job", ...JSON.parse(json) }, { words }).load();
};

/** Makes a splitter that uses no thread. */
export const here = (chunkSize?: number) =>
  new SegmentSplitter({ threads: 0, ...(chunkSize && { chunkSize }) });
