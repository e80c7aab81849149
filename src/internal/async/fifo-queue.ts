import { abortError, throwIfAborted } from "./clock.js";

interface Waiter<T> {
  admit(value: T): void;
}

/** Who waits for the same thing: each until it is admitted, in the order they came, or until its signal aborts. */
export class WaitLine<T> {
  readonly #waiters = new Set<Waiter<T>>();

  get length(): number {
    return this.#waiters.size;
  }

  /**
   * Joins the end of the line.
   *
   * @param changed called whenever the line has grown or shrunk by itself
   * @throws UnsiloedError `ABORTED`
   */
  async join(signal: AbortSignal | undefined, changed: () => void): Promise<T> {
    throwIfAborted(signal);
    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter<T> = {
        admit: (value) => {
          signal?.removeEventListener("abort", leave);
          this.#waiters.delete(waiter);
          resolve(value);
        },
      };
      const leave = () => {
        this.#waiters.delete(waiter);
        if (signal) reject(abortError(signal));
        changed();
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiters.add(waiter);
      changed();
    });
  }

  /** Admits the first in the line. */
  admitFirst(value: T): void {
    const [first] = this.#waiters;
    first?.admit(value);
  }
}
