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
    const onAbort = () => this.#controller.abort(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    this.#stops.push(() => signal.removeEventListener("abort", onAbort));
  }

  /** Follows nothing any more; the signal stays as it is. */
  release(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
