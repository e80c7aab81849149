import { abortError } from "../../internal/async/clock.js";

/** What one document takes up while it is on its way through the pipeline. */
export interface Stay {
  /** Bytes more that are held from now on; never waits. */
  hold(bytes: number): void;
  /** Reading is over, and of what was held so many bytes are left. */
  settle(bytes: number): void;
  /** Frees everything. */
  leave(): void;
}

/**
 * Keeps memory flat, however fast documents arrive and however slow the stages behind reading are: a document is read
 * only while few others are, and while all those that were read and are not yet stored hold less than `limit` bytes.
 *
 * Whoever is in may take what it needs, so nobody inside ever waits for room; the limit can be exceeded by the
 * documents that are being read, and a document larger than it is read alone. First come, first served.
 */
export class Room {
  readonly #limit: number;
  readonly #readers: number;
  /** Lets in who waits, first come first. */
  readonly #waiting: (() => void)[] = [];
  #held = 0;
  #inside = 0;
  #reading = 0;

  /**
   * @param limit bytes
   * @param readers the most documents that are read at once
   */
  constructor(limit: number, readers: number) {
    this.#limit = limit;
    this.#readers = readers;
  }

  /** Bytes held at the moment. */
  get held(): number {
    return this.#held;
  }

  /** Waits until a document may be read. @throws UnsiloedError `ABORTED` */
  enter(signal?: AbortSignal): Promise<Stay> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal));
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        if (signal) reject(abortError(signal));
      };
      const enter = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve(this.#admit());
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(enter);
      this.#next();
    });
  }

  #admit(): Stay {
    let own = 0;
    let isReading = true;
    let isInside = true;
    this.#reading += 1;
    this.#inside += 1;
    const hold = (bytes: number) => {
      own += bytes;
      this.#held += bytes;
    };
    const settle = (bytes: number) => {
      if (isReading) this.#reading -= 1;
      isReading = false;
      hold(bytes - own);
      this.#next();
    };
    const leave = () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      settle(0);
    };
    return { hold, settle, leave };
  }

  #next(): void {
    while (this.#inside === 0 || (this.#reading < this.#readers && this.#held < this.#limit)) {
      const enter = this.#waiting.shift();
      if (!enter) return;
      enter();
    }
  }
}
