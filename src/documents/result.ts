import type { Segment } from "./segment.js";

/**
 * One chunk of a result: the service's grouping of segments, in reading order. One that is too large to be held
 * comes in parts, which follow each other and have the same id.
 */
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
  /** What is known before the chunks; what follows them in a result is filled in once they have been read. */
  info: ResultInfo;
  /**
   * Each chunk is checked when its turn comes. Can be read once; where a connection is behind it, that is freed at
   * the end or when reading stops. A result that says behind its chunks that the job failed ends in that error.
   */
  chunks: AsyncIterable<ParsedChunk>;
}
