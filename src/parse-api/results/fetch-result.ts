import { z } from "zod";
import type { ParsedResult } from "../../documents/result.js";
import type { RetryOptions } from "../../internal/async/retry.js";
import { isRecord } from "../../internal/objects.js";
import { download } from "../http/download.js";
import type { ApiCall, ParseHttp } from "../http/parse-http.js";
import type { AddressPolicy } from "../http/safe-address.js";
import type { Transport } from "../http/transport.js";
import { readAnswer, readStatus } from "../job-status.js";
import { readInfo } from "./in-memory.js";
import type { ResultLimits } from "./limits.js";
import { type ResultTotals, readTotals } from "./result-counter.js";
import { streamResult } from "./result-reader.js";
import { readResumably } from "./resumable.js";

/** How a result is sent: in the response, or from a URL in the response. */
export const RESULT_WAYS = ["body", "url"] as const;
export type ResultWay = (typeof RESULT_WAYS)[number];

export interface WordForm {
  /** Check and keep the word boxes. @default false */
  words?: boolean | undefined;
  /** Pack the word boxes into lists of numbers, in `packed_ocr` in place of `ocr`. @default false */
  packWords?: boolean | undefined;
}

export interface FetchResultOptions extends WordForm {
  jobId: string;
  /** Kept out of all messages. */
  apiKey: string;
  via: ResultWay;
  limits: ResultLimits;
  /** Reads addresses that the service names. */
  transport: Transport;
  policy: AddressPolicy;
  retry: RetryOptions & { attempts: number };
}

const fileSchema = z.object({ output_file_url: z.url() });

/** Finds the part of an answer that has the address: `result`, or the answer itself as until March 2026. */
const partWithAddress = (answer: unknown): unknown => {
  const result = isRecord(answer) ? answer["result"] : undefined;
  return isRecord(result) && result["output_file_url"] != null ? result : answer;
};

/** Asks for the URL of a result, and how much the result should hold. */
const addressOf = async (
  http: ParseHttp,
  call: ApiCall,
  { jobId, apiKey }: Pick<FetchResultOptions, "jobId" | "apiKey">,
): Promise<{ address: URL; totals: ResultTotals }> => {
  const answer = await http.json({ ...call, query: { ...call.query, output_file: "true" } });
  const status = readStatus(jobId, answer, apiKey);
  // A failed or unfinished job has no URL; the error says which of the two it is.
  if (status.state !== "Succeeded")
    readInfo({ job_id: jobId, ...toObject(answer) }, { name: call.what, apiKey }, false);
  const what = `address of the result of job ${jobId}`;
  const { output_file_url } = readAnswer(fileSchema, partWithAddress(answer), what);
  return { address: new URL(output_file_url), totals: readTotals(answer) };
};

const toObject = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});

/** Fetches a result as a stream. @throws UnsiloedError as `UnsiloedClient.readResult` has it */
export const fetchResult = (
  http: ParseHttp,
  call: ApiCall,
  options: FetchResultOptions,
): Promise<ParsedResult> => {
  const { jobId, apiKey, words, packWords, limits, via, transport, policy, retry } = options;
  const name = `result of job ${jobId}`;
  const open = (bytes: AsyncIterable<Uint8Array>, totals?: ResultTotals) =>
    streamResult(bytes, { name, apiKey, words, packWords, limits, totals, transient: true });
  const shared = { name, jobId, retry };
  if (via === "body")
    return readResumably({ ...shared, connect: () => http.stream(call), open: (bytes) => open(bytes) });
  const { timeoutMs: limitMs, signal } = call;
  return readResumably({
    ...shared,
    connect: () => addressOf(http, call, options),
    open: async ({ address, totals }) =>
      open(await download(transport, address, { policy, limitMs, signal }), totals),
  });
};
