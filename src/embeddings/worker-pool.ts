import { Worker } from "node:worker_threads";
import { UnsiloedError } from "../errors.js";
import { abortError } from "../internal/clock.js";

/** What a worker answers to each message, in order. */
export type WorkerAnswer<Answer> = { ok: true; value: Answer } | { ok: false; message: string };

interface Task<Request, Answer> {
  request: Request;
  resolve: (answer: Answer) => void;
  reject: (error: UnsiloedError) => void;
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
  readonly #script: URL;
  readonly #threads: number;
  readonly #slots = new Set<Slot<Request, Answer>>();
  #waiting: Task<Request, Answer>[] = [];

  constructor(script: URL, threads: number) {
    this.#script = script;
    this.#threads = threads;
  }

  /** @throws UnsiloedError `EMBEDDING_FAILED`, retryable when the thread crashed; `ABORTED` as soon as `signal` aborts */
  run(request: Request, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortError(signal));
      const task: Task<Request, Answer> = {
        request,
        resolve: (answer) => {
          signal.removeEventListener("abort", onAbort);
          resolve(answer);
        },
        reject: (error) => {
          signal.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      const onAbort = () => {
        this.#abandon(task);
        reject(abortError(signal));
      };
      signal.addEventListener("abort", onAbort, { once: true });
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
      task.reject(new UnsiloedError("ABORTED", "stopped: the embeddings were closed"));
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
      slot.task = task;
      slot.worker.ref();
      slot.worker.postMessage(task.request);
    }
  }

  #idleSlot(): Slot<Request, Answer> | undefined {
    for (const slot of this.#slots) if (!slot.task) return slot;
    return this.#slots.size < this.#threads ? this.#start() : undefined;
  }

  #start(): Slot<Request, Answer> {
    // The program's own flags, such as a loader or the inspector, are not meant for this thread.
    const slot: Slot<Request, Answer> = {
      worker: new Worker(this.#script, { execArgv: [] }),
      task: undefined,
    };
    let crash: unknown;
    slot.worker.on("message", (answer: WorkerAnswer<Answer>) => {
      const { task } = slot;
      slot.task = undefined;
      slot.worker.unref();
      if (answer.ok) task?.resolve(answer.value);
      else
        task?.reject(new UnsiloedError("EMBEDDING_FAILED", `the embedding model failed: ${answer.message}`));
      this.#assign();
    });
    slot.worker.on("error", (error) => {
      crash = error;
    });
    slot.worker.on("exit", (code) => {
      if (!this.#slots.delete(slot)) return;
      const why = crash instanceof Error ? crash.message : `exit code ${code}`;
      slot.task?.reject(
        new UnsiloedError("EMBEDDING_FAILED", `the thread of the embedding model ended (${why})`, {
          cause: crash,
          retryable: true,
        }),
      );
      this.#assign();
    });
    this.#slots.add(slot);
    return slot;
  }
}
