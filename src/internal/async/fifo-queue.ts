import { abortError, throwIfAborted } from "./clock.js";

interface Waiter<Grant, Request> {
  readonly request: Request;
  grant(value: Grant): void;
  reject(reason: unknown): void;
}

/**
 * Keeps the callers that wait for the same thing in the order they came. Each waits until it is granted, or until its
 * signal aborts. When the first may go ahead is for the owner of the queue to decide.
 */
export class FifoQueue<Grant, Request = void> {
  readonly #waiters = new Set<Waiter<Grant, Request>>();
  readonly #onChange: () => void;

  /** @param onChange called whenever a waiter was added, or has left because its signal aborted */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /** Returns what the first waiter asks for, or `undefined` when there is none. */
  get first(): Request | undefined {
    const [first] = this.#waiters;
    return first?.request;
  }

  /**
   * Waits at the end of the queue.
   *
   * @param request what is asked for, as `first` shows it
   * @throws UnsiloedError `ABORTED`
   */
  async wait(signal: AbortSignal | undefined, request: Request): Promise<Grant> {
    throwIfAborted(signal);
    return new Promise<Grant>((resolve, reject) => {
      const waiter: Waiter<Grant, Request> = {
        request,
        grant: (value) => {
          signal?.removeEventListener("abort", onAbort);
          this.#waiters.delete(waiter);
          resolve(value);
        },
        reject: (reason) => {
          signal?.removeEventListener("abort", onAbort);
          this.#waiters.delete(waiter);
          reject(reason);
        },
      };
      const onAbort = () => {
        if (signal) waiter.reject(abortError(signal));
        this.#onChange();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#onChange();
    });
  }

  /** Lets the first waiter go ahead with a value. */
  grantFirst(value: Grant): void {
    const [first] = this.#waiters;
    first?.grant(value);
  }

  /** Ends the wait of all with an error. */
  rejectAll(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason);
  }
}
