import type { SourceReadOptions } from "../src/documents/source.js";
import type { UnsiloedClient } from "../src/parse-api/client.js";
import type { WaitOptions, WaitStatus } from "../src/parse-api/jobs/wait.js";
import type { ResultWay } from "../src/parse-api/results/fetch-result.js";
import type { LoaderSettings } from "./loader-options.js";
import type { FetchResult } from "./parsed-source.js";

/** Waits for a job, and hands out how to fetch its result. */
export const fetchFromJob = async (
  client: UnsiloedClient,
  jobId: string,
  settings: Pick<LoaderSettings, "images" | "words"> & {
    wait: WaitOptions;
    resultVia: ResultWay;
    /** What the job was submitted with, where it is known. */
    parse?: Readonly<Record<string, unknown>>;
  },
  { signal, waitSignal = signal, observer, packWords }: SourceReadOptions,
): Promise<FetchResult> => {
  const onStatus = (status: WaitStatus) => observer?.statusChanged?.(status);
  const status = await client.waitForJob(jobId, { ...settings.wait, signal: waitSignal, onStatus });
  const { words, images, resultVia, parse } = settings;
  return (fetchSignal) =>
    client.readResult(jobId, {
      signal: fetchSignal,
      words,
      packWords,
      addresses: images === true || images === "url",
      imagesAsData: images === "data",
      mergeTables: status.mergeTables ?? parse?.["merge_tables"] === true,
      resultVia,
    });
};
