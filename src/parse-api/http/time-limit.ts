import type { Readable } from "node:stream";
import { UnsiloedError } from "../../errors.js";
import { abortError, throwIfAborted } from "../../internal/async/clock.js";

const timeUp = (limitMs: number, cause?: unknown): UnsiloedError =>
  new UnsiloedError("SERVICE_UNAVAILABLE", `no complete answer within ${limitMs / 1000} s`, {
    cause,
    retryable: true,
  });

/** A link of 1 Mbit/s: slower ones run into the time limit. */
const MIN_BYTES_PER_MS = 128;

/** Returns the time that moving so many bytes may add to a request. */
export const sendingMs = (bytes: number): number => Math.ceil(bytes / MIN_BYTES_PER_MS);

/** Timers count in 31 bits. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Gives work a signal that aborts with the caller's or when the time is up. The time is real, not that of an
 * injected clock, because what it limits is real input and output.
 *
 * @throws UnsiloedError `ABORTED`, or `SERVICE_UNAVAILABLE` when the time is up
 */
export const withTimeLimit = async <T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  throwIfAborted(signal);
  const limit = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    limit.abort();
  }, limitMs);
  const onAbort = () => limit.abort();
  // Not AbortSignal.any: a body outlives this limit, and has one of its own.
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(limit.signal);
  } catch (cause) {
    if (signal?.aborted) throw abortError(signal);
    throw timedOut ? timeUp(limitMs, cause) : cause;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
};

export interface BodyOptions {
  /** Limit of the time spent waiting for bytes, to which every byte that came adds its share. */
  limitMs: number;
  signal?: AbortSignal | undefined;
  /** Makes the error for a connection that broke. */
  failed(thrown: unknown): Error;
}

/**
 * Yields the bytes of an answer as they are asked for. Only the time spent waiting for bytes counts, not the time that
 * the reader takes between them. A reader that stops early closes the connection, as an abort does.
 *
 * @throws UnsiloedError `ABORTED`, `SERVICE_UNAVAILABLE`
 */
export async function* readBody(
  body: Readable,
  { limitMs, signal, failed }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  const onAbort = () => void body.destroy(signal && abortError(signal));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  let received = 0;
  let waitedMs = 0;
  try {
    for (;;) {
      const leftMs = Math.max(0, limitMs + sendingMs(received) - waitedMs);
      const begun = performance.now();
      const timer = setTimeout(() => void body.destroy(timeUp(limitMs)), Math.min(MAX_TIMER_MS, leftMs));
      const { done, value } = await pieces
        .next()
        .catch((thrown: unknown) => {
          throw thrown instanceof UnsiloedError ? thrown : failed(thrown);
        })
        .finally(() => clearTimeout(timer));
      waitedMs += performance.now() - begun;
      if (signal?.aborted) throw abortError(signal);
      if (done) return;
      received += value.length;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    body.destroy();
  }
}
