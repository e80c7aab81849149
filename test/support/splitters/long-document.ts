import { makeResult, readSentences } from "../../../bench/speed/workload.js";
import { UnsiloedResultLoader } from "../../../loaders/result-loader.js";
import type { SegmentDocument } from "../../../src/documents/metadata.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";

/** Enough segments with words for a thread. */
const SEGMENTS = 120;

export const load = async (words: boolean): Promise<SegmentDocument[]> => {
  const result = { job_id: "job", ...makeResult(SEGMENTS, 3, await readSentences()) };
  return new UnsiloedResultLoader(JSON.parse(JSON.stringify(result)), { words }).load();
};

/** Makes a splitter that uses no thread. */
export const here = (chunkSize?: number) =>
  new SegmentSplitter({ threads: 0, ...(chunkSize && { chunkSize }) });
