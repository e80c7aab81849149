import { abortError } from "../../internal/async/clock.js";
import { sendingMs, timeUp } from "./time-limit.js";

/** Timers count in 31 bits. */
const MOST_MS = 2_147_483_647;

export interface BodyOptions {
  /** Limit of the time spent waiting for bytes, to which every byte that came adds its share. */
  limitMs: number;
  signal?: AbortSignal | undefined;
  /** The error for a connection that broke. */
  failed(thrown: unknown): Error;
}

/**
 * The bytes of an answer, as they are asked for. The time its reader takes between them does not count, only the
 * time that is waited. A reader that stops early, like an abort, closes the connection.
 *
 * @throws UnsiloedError `ABORTED`, `SERVICE_UNAVAILABLE`
 */
export async function* readBody(
  body: ReadableStream<Uint8Array> | null,
  { limitMs, signal, failed }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  let received = 0;
  let waitedMs = 0;
  try {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      let timedOut = false;
      const begun = performance.now();
      const timer = setTimeout(
        () => {
          timedOut = true;
          cancel();
        },
        Math.min(MOST_MS, Math.max(0, limitMs + sendingMs(received) - waitedMs)),
      );
      const { done, value } = await reader
        .read()
        .catch((thrown: unknown) => {
          throw signal?.aborted ? abortError(signal) : timedOut ? timeUp(limitMs, thrown) : failed(thrown);
        })
        .finally(() => clearTimeout(timer));
      waitedMs += performance.now() - begun;
      // A body that is cancelled ends as if it were whole.
      if (signal?.aborted) throw abortError(signal);
      if (timedOut) throw timeUp(limitMs);
      if (done) return;
      received += value.length;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}
