import type { ParsedResult } from "../src/documents/result.js";
import type { SourceReadOptions } from "../src/documents/source.js";
import type { UnsiloedClient } from "../src/parse-api/client.js";
import type { JobStatus } from "../src/parse-api/job-status.js";
import type { WaitOptions, WaitStatus } from "../src/parse-api/jobs/wait.js";
import type { ResultWay } from "../src/parse-api/results/fetch-result.js";
import type { LoaderSettings } from "./loader-options.js";

/** Waits for a job, and tells the observer of its states. */
export const waitForJob = async (
  client: UnsiloedClient,
  jobId: string,
  wait: WaitOptions,
  { signal, waitSignal = signal, observer }: SourceReadOptions,
): Promise<JobStatus> => {
  const onStatus = (status: WaitStatus) => observer?.statusChanged?.(status);
  const status = await client.waitForJob(jobId, { ...wait, signal: waitSignal, onStatus });
  observer?.finished?.({ jobId, creditsUsed: status.creditsUsed, pages: status.pageCount });
  return status;
};

interface ResultSettings extends Pick<LoaderSettings, "images" | "words"> {
  resultVia: ResultWay;
  /** What the job was submitted with, where it is known. */
  parse?: Readonly<Record<string, unknown>>;
}

/** Reads the result of a job that has ended. */
export const readJobResult = (
  client: UnsiloedClient,
  { jobId, mergeTables }: JobStatus,
  { words, images, resultVia, parse }: ResultSettings,
  { signal, packWords }: Pick<SourceReadOptions, "signal" | "packWords">,
): Promise<ParsedResult> =>
  client.readResult(jobId, {
    signal,
    words,
    packWords,
    addresses: images === true || images === "url",
    imagesAsData: images === "data",
    mergeTables: mergeTables ?? parse?.["merge_tables"] === true,
    resultVia,
  });
