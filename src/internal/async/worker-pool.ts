import { Worker } from "node:worker_threads";
import { type ErrorCode, messageOf, UnsiloedError } from "../../errors.js";
import { Alarm } from "./alarm.js";
import { abortError, backgroundClock, type Clock } from "./clock.js";

/** The answer of a worker to one message. Answers come in the order of the messages. */
export type WorkerAnswer<Answer> =
  | { ok: true; value: Answer }
  | { ok: false; message: string; code?: ErrorCode };

export interface WorkerPoolOptions {
  /** What runs in each thread. */
  script: URL;
  threads: number;
  /** Name of the work for messages: `the embedding model`. */
  what: string;
  /** Code of errors that have no code of their own. */
  code: ErrorCode;
  /** Milliseconds after which a thread without work ends. */
  idleMs: number;
  /**
   * Whether a thread ends when its request is aborted. Ending it frees a core at once; letting it finish delays the
   * next request, which is better if requests are short and threads start slowly.
   */
  onAbort: "end" | "finish";
  clock?: Clock;
}

interface Task<Request, Answer> {
  request: Request;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

interface Slot<Request, Answer> {
  worker: Worker;
  task: Task<Request, Answer> | undefined;
  /** Whether the caller no longer waits for the answer to the task. */
  isAbandoned: boolean;
  /** Ends the thread when it has been idle for `idleMs`. */
  alarm: Alarm;
}

/**
 * Answers requests in threads, each of which works on one request at a time. Requests wait in this thread, so that
 * dropping one costs nothing.
 *
 * A thread starts when a request comes and no thread is idle, and ends when it has been idle for a time. It keeps the
 * program alive only while a caller waits for it. When a thread crashes, its request fails, and the next request gets
 * a new thread.
 */
export class WorkerPool<Request, Answer> {
  readonly #options: WorkerPoolOptions;
  readonly #clock: Clock;
  readonly #slots = new Set<Slot<Request, Answer>>();
  readonly #ending = new Set<Promise<unknown>>();
  #waiting: Task<Request, Answer>[] = [];

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#clock = options.clock ?? backgroundClock;
  }

  /**
   * Runs a request in a thread.
   *
   * @throws UnsiloedError of the pool's `code`, retryable when the thread crashed or cannot be started; `ABORTED` as
   *   soon as `signal` aborts; `DataCloneError` for a request that cannot be sent to a thread
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
        if (signal) reject(abortError(signal));
        this.#abandon(task);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(task);
      this.#assign();
    });
  }

  /** Ends the threads; waiting requests fail with `ABORTED`. A later request starts new threads. */
  async close(): Promise<void> {
    const tasks = [...[...this.#slots].flatMap(({ task }) => task ?? []), ...this.#waiting];
    this.#waiting = [];
    for (const slot of this.#slots) this.#end(slot);
    for (const task of tasks)
      task.reject(new UnsiloedError("ABORTED", `stopped: ${this.#options.what} was closed`));
    await Promise.all(this.#ending);
  }

  /** Ends the threads that are idle. */
  async closeIdle(): Promise<void> {
    for (const slot of this.#slots) if (!slot.task) this.#end(slot);
    await Promise.all(this.#ending);
  }

  #abandon(task: Task<Request, Answer>): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== task);
    for (const slot of this.#slots) {
      if (slot.task !== task) continue;
      slot.isAbandoned = true;
      if (this.#options.onAbort === "end") this.#end(slot);
    }
    this.#assign();
  }

  #end(slot: Slot<Request, Answer>): void {
    this.#slots.delete(slot);
    slot.alarm.clear();
    const ended = slot.worker.terminate().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  #assign(): void {
    for (;;) {
      const idle = [...this.#slots].find(({ task }) => !task);
      if (!idle && this.#slots.size >= this.#options.threads) break;
      const task = this.#waiting.shift();
      if (!task) break;
      try {
        this.#give(idle ?? this.#start(), task);
      } catch (thrown) {
        task.reject(thrown);
      }
    }
    // A request that waits behind an abandoned one needs its thread.
    const isAwaited = this.#waiting.length > 0;
    for (const { worker, task, isAbandoned } of this.#slots) {
      if (task && (isAwaited || !isAbandoned)) worker.ref();
      else worker.unref();
    }
  }

  #give(slot: Slot<Request, Answer>, task: Task<Request, Answer>): void {
    slot.worker.postMessage(task.request);
    slot.alarm.clear();
    slot.task = task;
  }

  /** Marks the thread as idle, and ends it unless it gets work in time. */
  #rest(slot: Slot<Request, Answer>): void {
    slot.task = undefined;
    slot.isAbandoned = false;
    slot.alarm.set(this.#clock.now() + this.#options.idleMs, () => this.#end(slot));
  }

  #start(): Slot<Request, Answer> {
    const { what, code } = this.#options;
    const slot: Slot<Request, Answer> = {
      worker: this.#startWorker(),
      task: undefined,
      isAbandoned: false,
      alarm: new Alarm(this.#clock),
    };
    let crash: unknown;
    slot.worker.on("message", (answer: WorkerAnswer<Answer>) => {
      const { task } = slot;
      if (!this.#slots.has(slot)) return;
      this.#rest(slot);
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
      slot.alarm.clear();
      const why = crash instanceof Error ? messageOf(crash) : `exit code ${exitCode}`;
      slot.task?.reject(
        new UnsiloedError(code, `the thread of ${what} ended (${why})`, { cause: crash, retryable: true }),
      );
      this.#assign();
    });
    this.#slots.add(slot);
    this.#rest(slot);
    return slot;
  }

  #startWorker(): Worker {
    const { script, what, code } = this.#options;
    try {
      // Without the flags of the program, such as a loader or the inspector, which are not for this thread.
      return new Worker(script, { execArgv: [] });
    } catch (thrown) {
      const message = `the thread of ${what} cannot be started (${messageOf(thrown)})`;
      throw new UnsiloedError(code, message, { cause: thrown, retryable: true });
    }
  }
}
