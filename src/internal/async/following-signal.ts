import { onAbort } from "./on-abort.js";

/**
 * A signal that aborts when any of those it follows does, until it is released. Unlike `AbortSignal.any`, it leaves
 * nothing behind at signals that outlive it, such as that of a run of millions of documents.
 */
export class FollowingSignal {
  readonly #controller = new AbortController();
  readonly #stops: (() => void)[] = [];

  constructor(...followed: readonly (AbortSignal | undefined)[]) {
    for (const signal of followed) this.follow(signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Follows another signal as well. */
  follow(signal: AbortSignal | undefined): void {
    if (!signal) return;
    const abort = () => this.#controller.abort(signal.reason);
    if (signal.aborted) abort();
    else this.#stops.push(onAbort(signal, abort));
  }

  /** Follows nothing any more; the signal stays as it is. */
  release(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
