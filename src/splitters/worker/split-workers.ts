import { existsSync } from "node:fs";
import { UnsiloedError } from "../../errors.js";
import { WorkerPool } from "../../internal/async/worker-pool.js";
import type { UnmergedSplit } from "../split-metadata.js";
import type { SplitRequest } from "./split-worker.js";

type SplitPool = WorkerPool<SplitRequest, UnmergedSplit[]>;

/** Long enough that splitting again and again starts no thread again and again. */
const IDLE_MS = 10_000;

/** By their number of threads. */
const pools = new Map<number, SplitPool>();

/** @returns `undefined` where it is not there, as in a program that was bundled into one file */
const findScript = (): URL | undefined => {
  const here: string | undefined = import.meta.url;
  if (here === undefined) return undefined;
  // A thread of Node 20 cannot run TypeScript: where this file is not compiled, what was built is taken.
  const script = new URL(
    here.endsWith(".ts") ? "../../../dist/src/splitters/worker/split-worker.js" : "./split-worker.js",
    here,
  );
  return existsSync(script) ? script : undefined;
};

const openPool = (threads: number): SplitPool | undefined => {
  const known = pools.get(threads);
  if (known) return known;
  const script = findScript();
  if (!script) return undefined;
  const pool: SplitPool = new WorkerPool({
    script,
    threads,
    what: "the splitter",
    code: "UNEXPECTED",
    idleMs: IDLE_MS,
    onAbort: "end",
  });
  pools.set(threads, pool);
  return pool;
};

/**
 * The threads of a splitter. Splitters with the same number of threads share them, as nothing tells when a splitter is
 * not needed any more; so however many there are, they take no more memory and no more cores than one.
 */
export class SplitThreads {
  readonly #threads: number;
  #closing = new AbortController();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * @returns `undefined` where no thread can be started
   * @throws UnsiloedError `ABORTED`; `UNEXPECTED` when a thread crashes
   */
  split(request: SplitRequest, signal: AbortSignal | undefined): Promise<UnmergedSplit[]> | undefined {
    const { signal: closing } = this.#closing;
    return openPool(this.#threads)?.run(request, signal ? AbortSignal.any([signal, closing]) : closing);
  }

  /** Stops the work of this splitter, and threads that have none. */
  async close(): Promise<void> {
    this.#closing.abort(new UnsiloedError("ABORTED", "stopped: the splitter was closed"));
    this.#closing = new AbortController();
    await pools.get(this.#threads)?.closeIdle();
  }
}
