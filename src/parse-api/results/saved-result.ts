import type { ParsedChunk, ParsedResult } from "../../documents/result.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { readInfo } from "./in-memory.js";
import { readFields } from "./read-fields.js";
import { type StreamOptions, streamResult } from "./result-reader.js";

/**
 * Opens a result that can be read more than once. Where the id of the job does not stand before the chunks, the bytes
 * are scanned once more for what follows the chunks: a Document names its job, and none is made of a failed job.
 *
 * @param read gives the bytes from the beginning
 */
export const openSavedResult = async (
  read: () => AsyncIterable<Uint8Array>,
  options: StreamOptions,
  signal?: AbortSignal,
): Promise<ParsedResult> => {
  const opened = await streamResult(read(), options);
  const { info } = opened;
  if (info.jobId === null) {
    try {
      const fields = await readFields(read(), options);
      if (typeof fields === "object" && fields !== null) Object.assign(info, readInfo(fields, options, true));
    } catch (thrown) {
      await opened.close();
      throw thrown;
    }
  }
  async function* chunks(): AsyncGenerator<ParsedChunk> {
    try {
      for await (const { chunkId, segments } of opened.parts) {
        throwIfAborted(signal);
        yield { chunkId, segments };
      }
    } finally {
      await opened.close();
    }
  }
  return { info, chunks: chunks() };
};
