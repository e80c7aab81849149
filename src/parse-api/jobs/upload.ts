import { text } from "node:stream/consumers";
import { addContext, messageOf, UnsiloedError } from "../../errors.js";
import { type Clock, throwIfAborted } from "../../internal/async/clock.js";
import { retry } from "../../internal/async/retry.js";
import { readErrorBody } from "../../internal/http/error-body.js";
import { type AddressPolicy, allowAddress } from "../http/safe-address.js";
import { withTimeLimit } from "../http/time-limit.js";
import type { FileContent, Transport } from "../http/transport.js";
import type { JobStatus } from "../job-status.js";
import { redact } from "../redact.js";

/** Where and how to put a file, as `POST /v2/parse/upload` answers. */
export interface UploadTarget {
  jobId: string;
  url: string;
  method: string;
  headers: Record<string, string>;
}

/** How long an upload may take. */
export interface UploadTiming {
  retry: { attempts: number; baseDelayMs: number; maxDelayMs: number };
  /** Limit of one attempt. */
  timeoutMs: number;
}

export interface UploadSettings extends AddressPolicy, UploadTiming {
  transport: Transport;
  clock: Clock;
  random: () => number;
  signal?: AbortSignal | undefined;
  /** The state of the job, asked for before a file is put again: the first try may have arrived after all. */
  status(): Promise<JobStatus>;
}

/** Returns the most seconds that an upload may take, with all its attempts and the pauses between them. */
export const uploadSeconds = ({ retry: { attempts, maxDelayMs }, timeoutMs }: UploadTiming): number =>
  Math.ceil((attempts * timeoutMs + (attempts - 1) * maxDelayMs) / 1000);

const failed = (
  jobId: string,
  reason: string,
  options: { cause?: unknown; retryable?: boolean; status?: number },
) =>
  new UnsiloedError(
    "UPLOAD_FAILED",
    `the file for job ${jobId} could not be uploaded (${reason}); the job never starts, so submit the file again`,
    { jobId, ...options },
  );

const putOnce = async (
  target: UploadTarget,
  url: URL,
  content: FileContent,
  settings: UploadSettings,
): Promise<void> => {
  const { jobId, method, headers } = target;
  const { timeoutMs, signal } = settings;
  try {
    const { status, said } = await withTimeLimit(timeoutMs, signal, async (limited) => {
      const request = { url, method, headers, body: content, signal: limited };
      const answer = await settings.transport.send(request, (to) => allowAddress(to, settings));
      // Storage that refuses a file may hang up before it has read it all: the status is what counts.
      return { status: answer.status, said: await text(answer.body).catch(() => "") };
    });
    if (status >= 200 && status < 300) return;
    const reason = redact(
      /<Message>([^<]*)/.exec(said)?.[1] ?? readErrorBody(said, settings.clock.now()).reason,
    );
    throw failed(jobId, `${status}: ${reason}`, { status, retryable: status >= 500 || status === 429 });
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof UnsiloedError && cause.context.jobId !== undefined) throw cause;
    const retryable = !(cause instanceof UnsiloedError) || cause.retryable;
    throw failed(jobId, redact(messageOf(cause)), { cause, retryable });
  }
};

/** Whether the job has its file already. When that cannot be told the file is put again, to the same place. */
const hasArrived = async ({ status, signal }: UploadSettings): Promise<boolean> => {
  const found = await status().catch(() => undefined);
  throwIfAborted(signal);
  return found !== undefined && found.state !== "AwaitingUpload";
};

/**
 * Puts a file where the service said, with every header it named and without the API key, which is not meant for
 * that host. The file is streamed and sent with its length, as object storage demands.
 *
 * @throws UnsiloedError `UPLOAD_FAILED` or `ABORTED`, both with the job id
 */
export const upload = async (
  target: UploadTarget,
  content: FileContent,
  settings: UploadSettings,
): Promise<void> => {
  const { jobId } = target;
  const url = URL.canParse(target.url) ? new URL(target.url) : undefined;
  if (!url) throw failed(jobId, "expected an https address to upload to, got none", {});
  const { clock, random, signal } = settings;
  try {
    await retry(
      async (number) => {
        if (number > 1 && (await hasArrived(settings))) return;
        await putOnce(target, url, content, settings);
      },
      { ...settings.retry, clock, random, signal },
    );
  } catch (thrown) {
    throw addContext(thrown, { jobId });
  }
};
