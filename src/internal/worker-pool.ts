import { Worker } from "node:worker_threads";
import { type ErrorCode, messageOf, UnsiloedError } from "../errors.js";
import { abortError } from "./clock.js";

/** What a worker answers to each message, in order. */
export type WorkerAnswer<Answer> =
  | { ok: true; value: Answer }
  | { ok: false; message: string; code?: ErrorCode };

export interface WorkerPoolOptions {
  /** What runs in each thread. */
  script: URL;
  threads: number;
  /** What works in the threads, for messages: `the embedding model`. */
  what: string;
  /** Code of the errors that bring none of their own. */
  code: ErrorCode;
}

interface Task<Request, Answer> {
  request: Request;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

interface Slot<Request, Answer> {
  worker: Worker;
  task: Task<Request, Answer> | undefined;
}

/**
 * Threads that answer requests, each one at a time; waiting requests are kept here, so that dropping them is free.
 *
 * A thread starts when a request finds none idle. It keeps the program alive only while someone waits for it.
 * A thread that crashes fails the request it was at; the next one gets a new thread.
 */
export class WorkerPool<Request, Answer> {
  readonly #options: WorkerPoolOptions;
  readonly #slots = new Set<Slot<Request, Answer>>();
  #waiting: Task<Request, Answer>[] = [];

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * @throws UnsiloedError of the pool's `code`, retryable when the thread crashed; `ABORTED` as soon as `signal`
   *   aborts; `DataCloneError` for a request that cannot be sent to a thread
   */
  run(request: Request, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal));
      const task: Task<Request, Answer> = {
        request,
        resolve: (answer) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(answer);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      const onAbort = () => {
        this.#abandon(task);
        if (signal) reject(abortError(signal));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(task);
      this.#assign();
    });
  }

  /** Stops the threads; requests that wait fail with `ABORTED`. A later request starts anew. */
  async close(): Promise<void> {
    const slots = [...this.#slots];
    const tasks = [...slots.flatMap(({ task }) => task ?? []), ...this.#waiting];
    this.#slots.clear();
    this.#waiting = [];
    for (const task of tasks)
      task.reject(new UnsiloedError("ABORTED", `stopped: ${this.#options.what} was closed`));
    await Promise.all(slots.map(({ worker }) => worker.terminate()));
  }

  #abandon(task: Task<Request, Answer>): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== task);
    for (const slot of this.#slots) if (slot.task === task) slot.worker.unref();
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const slot = this.#idleSlot();
      const task = slot && this.#waiting.shift();
      if (!slot || !task) return;
      try {
        slot.worker.postMessage(task.request);
      } catch (thrown) {
        task.reject(thrown);
        continue;
      }
      slot.task = task;
      slot.worker.ref();
    }
  }

  #idleSlot(): Slot<Request, Answer> | undefined {
    for (const slot of this.#slots) if (!slot.task) return slot;
    return this.#slots.size < this.#options.threads ? this.#start() : undefined;
  }

  #start(): Slot<Request, Answer> {
    const { script, what, code } = this.#options;
    // The program's own flags, such as a loader or the inspector, are not meant for this thread.
    const slot: Slot<Request, Answer> = {
      worker: new Worker(script, { execArgv: [] }),
      task: undefined,
    };
    let crash: unknown;
    slot.worker.on("message", (answer: WorkerAnswer<Answer>) => {
      const { task } = slot;
      slot.task = undefined;
      slot.worker.unref();
      if (answer.ok) task?.resolve(answer.value);
      else if (answer.code) task?.reject(new UnsiloedError(answer.code, answer.message));
      else task?.reject(new UnsiloedError(code, `${what} failed: ${answer.message}`));
      this.#assign();
    });
    slot.worker.on("error", (error) => {
      crash = error;
    });
    slot.worker.on("exit", (exitCode) => {
      if (!this.#slots.delete(slot)) return;
      const why = crash instanceof Error ? messageOf(crash) : `exit code ${exitCode}`;
      slot.task?.reject(
        new UnsiloedError(code, `the thread of ${what} ended (${why})`, { cause: crash, retryable: true }),
      );
      this.#assign();
    });
    this.#slots.add(slot);
    return slot;
  }
}
