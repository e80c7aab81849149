import { JsonScanError } from "../../internal/json/scan.js";
import { JsonScanner } from "../../internal/json/scanner.js";
import { plainBytes } from "./decode-bytes.js";
import { DEFAULT_RESULT_LIMITS } from "./limits.js";
import { invalid, jsonProblem } from "./read-segment.js";
import type { StreamOptions } from "./result-reader.js";

/**
 * Reads all fields of a result but its chunks, in any order. The chunks are skipped unread.
 *
 * @returns the value of the JSON; `chunks` is `null` in an object
 * @throws UnsiloedError `INVALID_RESULT` when it is not JSON
 */
export const readFields = async (
  source: AsyncIterable<Uint8Array>,
  options: StreamOptions,
): Promise<unknown> => {
  const { limits = DEFAULT_RESULT_LIMITS, name } = options;
  const scanner = new JsonScanner([{ key: "chunks", how: "skip" }], {
    depth: Number.POSITIVE_INFINITY,
    valueBytes: limits.segmentBytes,
  });
  let text = "";
  try {
    for await (const piece of plainBytes(source, name, limits))
      for (const event of scanner.scan(piece)) if (event.type === "value") text = event.text;
    const last = scanner.byte === 0 ? undefined : scanner.end();
    if (last?.type === "value") text = last.text;
  } catch (thrown) {
    if (!(thrown instanceof JsonScanError)) throw thrown;
    throw invalid(name, `not valid JSON, perhaps cut short: ${thrown.message}`, thrown);
  }
  if (text === "") throw invalid(name, "empty; expected the JSON of a parse result");
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw invalid(name, `not valid JSON, perhaps cut short: ${jsonProblem(cause)}`, cause);
  }
};
