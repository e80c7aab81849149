import { z } from "zod";
import type { ParsedResult, ResultInfo } from "../../documents/result.js";
import { UnsiloedError } from "../../errors.js";
import { plainReason } from "../../internal/http/error-body.js";
import { isRecord } from "../../internal/objects.js";
import { isUnfinished, normalizeState } from "../job-status.js";
import { redact } from "../redact.js";
import { describeFound, readChunks } from "./read-chunk.js";
import { invalid, type ReadResultOptions } from "./read-segment.js";
import { readTotals } from "./result-counter.js";

const infoSchema = z.object({
  job_id: z.string().nullish().catch(null),
  status: z.string().nullish().catch(null),
  file_name: z.string().nullish().catch(null),
  page_count: z.number().nullish().catch(null),
  message: z.string().nullish().catch(null),
});

const EXPECTED = 'expected a parse result of Unsiloed, an object with "chunks"';

/**
 * Reads the fields beside the chunks, and checks that the job succeeded.
 *
 * @param value the result, with or without its chunks
 * @param hasChunks whether the result has chunks
 * @throws UnsiloedError `JOB_FAILED`, `JOB_CANCELLED`, or `INVALID_RESULT` when the job had not ended
 */
export const readInfo = (
  value: object,
  { name, apiKey }: Pick<ReadResultOptions, "name" | "apiKey">,
  hasChunks: boolean,
): ResultInfo => {
  const { job_id, status: named, file_name, page_count, message } = infoSchema.parse(value);
  const status = named && normalizeState(named);
  const jobId = job_id ?? null;
  const context = jobId === null ? {} : { jobId };
  const said = message ? redact(plainReason(message), apiKey) : "";
  if (status === "Failed")
    throw new UnsiloedError(
      "JOB_FAILED",
      `${name}: the parse job failed: ${said || "no reason given"}`,
      context,
    );
  if (status === "Cancelled")
    throw new UnsiloedError(
      "JOB_CANCELLED",
      `${name}: the parse job was cancelled${said ? `: ${said}` : ""}`,
      context,
    );
  if (!("chunks" in value)) {
    if (status && jobId)
      throw invalid(
        name,
        `${EXPECTED}, found the status of job ${jobId} (${status}) without its result; ` +
          "fetch it once the job has succeeded, without include_chunks=false and output_file=true",
      );
    throw invalid(name, `${EXPECTED}, found ${describeFound(value)}`);
  }
  if (status && status !== "Succeeded" && (!hasChunks || isUnfinished(status)))
    throw invalid(name, `the parse job had not ended (${status}): fetch the result once it has succeeded`);
  return { jobId, state: status ?? null, fileName: file_name ?? null, pageCount: page_count ?? null };
};

/**
 * Opens a result that is in memory, such as the body of `GET /parse/{job_id}`.
 *
 * @throws UnsiloedError `INVALID_RESULT` when it is something else, or the job had not ended; `JOB_FAILED` and
 *   `JOB_CANCELLED` when it is the answer of such a job; `INCOMPLETE_RESULT` once its chunks were read, when there are
 *   fewer than it says
 */
export const openResult = (value: unknown, options: ReadResultOptions): ParsedResult => {
  const { name } = options;
  if (!isRecord(value)) throw invalid(name, `${EXPECTED}, found ${describeFound(value)}`);
  const { chunks } = value;
  if (chunks != null && !Array.isArray(chunks)) {
    readInfo(value, options, true);
    throw invalid(name, `chunks: expected array, found ${describeFound(chunks)}`);
  }
  const info = readInfo(value, options, Boolean(chunks));
  return { info, chunks: readChunks(chunks ?? [], options, readTotals(value)) };
};
