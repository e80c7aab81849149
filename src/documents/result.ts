import type { Segment } from "./segment.js";

/** One chunk of a result: the service's grouping of segments, in reading order. */
export interface ParsedChunk {
  chunkId: string | null;
  segments: Segment[];
}

/** What a result says of itself beside its chunks. A saved result may lack any of it. */
export interface ResultInfo {
  jobId: string | null;
  state: string | null;
  fileName: string | null;
  pageCount: number | null;
}

/** A result as it is read: what it says of itself, then its chunks one at a time. */
export interface ParsedResult {
  info: ResultInfo;
  /** Each chunk is checked when its turn comes. Can be read once. */
  chunks: AsyncIterable<ParsedChunk>;
}
