import { messageOf, UnsiloedError } from "../errors.js";
import { type Clock, throwIfAborted } from "../internal/clock.js";
import { retry } from "../internal/retry.js";
import type { JobStatus } from "./answers.js";
import { addContext } from "./error-context.js";
import { reasonOf } from "./http-errors.js";
import { redact, showUrl } from "./redact.js";
import { type Fetch, fetchFollowing } from "./redirects.js";
import { withTimeLimit } from "./time-limit.js";

/** Where and how to put a file, as `POST /v2/parse/upload` answers. */
export interface UploadTarget {
  jobId: string;
  url: string;
  method: string;
  headers: Record<string, string>;
}

export interface UploadSettings {
  fetch: Fetch;
  clock: Clock;
  random: () => number;
  retry: { attempts: number; baseDelayMs: number; maxDelayMs: number };
  baseUrl: URL;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** The state of the job, asked for before a file is put again: the first try may have arrived after all. */
  status(): Promise<JobStatus>;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Documents travel encrypted, unless the API itself is a local one. */
const maySendTo = (url: URL, baseUrl: URL): boolean =>
  url.protocol === "https:" ||
  (url.protocol === "http:" && baseUrl.protocol === "http:" && LOOPBACK.test(baseUrl.hostname));

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
  body: Blob,
  settings: UploadSettings,
): Promise<void> => {
  const { fetch, baseUrl, timeoutMs, signal } = settings;
  try {
    await withTimeLimit(timeoutMs, signal, async (limited) => {
      const init = { method: target.method, headers: target.headers, body, signal: limited };
      const response = await fetchFollowing(fetch, url, init, (to) => maySendTo(to, baseUrl));
      const text = await response.text().catch(() => "");
      if (response.ok) return;
      const { status } = response;
      const storageReason = /<Message>([^<]*)/.exec(text)?.[1];
      const reason = redact(storageReason ?? reasonOf(text));
      throw failed(target.jobId, `${status}: ${reason}`, {
        status,
        retryable: status >= 500 || status === 429,
      });
    });
  } catch (thrown) {
    throwIfAborted(signal);
    if (thrown instanceof UnsiloedError && thrown.code === "UPLOAD_FAILED") throw thrown;
    const changed = thrown instanceof Error && /NotReadable/.test(String(thrown.cause) + thrown.name);
    const reason = changed ? "the file changed while it was read" : redact(messageOf(thrown));
    const retryable = !changed && (!(thrown instanceof UnsiloedError) || thrown.retryable);
    throw failed(target.jobId, reason, { cause: thrown, retryable });
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
 * that host. A Blob of a file is streamed from disk and sent with its length, as object storage demands.
 *
 * @throws UnsiloedError `UPLOAD_FAILED` or `ABORTED`, both with the job id
 */
export const upload = async (target: UploadTarget, body: Blob, settings: UploadSettings): Promise<void> => {
  const { jobId } = target;
  const url = URL.canParse(target.url) ? new URL(target.url) : undefined;
  if (!url || !maySendTo(url, settings.baseUrl))
    throw failed(jobId, `expected an https address to upload to, got ${url ? showUrl(url) : "none"}`, {});
  const { clock, random, signal } = settings;
  try {
    await retry(
      async (number) => {
        if (number > 1 && (await hasArrived(settings))) return;
        await putOnce(target, url, body, settings);
      },
      { ...settings.retry, clock, random, signal },
    );
  } catch (thrown) {
    throw addContext(thrown, { jobId });
  }
};
