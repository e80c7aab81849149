import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { UnsiloedError } from "../../errors.js";
import { FollowingSignal } from "../../internal/async/following-signal.js";
import { WorkerPool } from "../../internal/async/worker-pool.js";
import { besideEntry } from "../../internal/installed.js";
import type { UnmergedSplit } from "../split-metadata.js";
import type { SplitRequest } from "./split-worker.js";

type SplitPool = WorkerPool<SplitRequest, UnmergedSplit[]>;

/** Long enough that repeated calls do not start a thread each. */
const IDLE_MS = 10_000;

/** The pools by their number of threads. */
const pools = new Map<number, SplitPool>();

const SCRIPT = "split-worker.js";

/**
 * Finds the compiled script of the threads: beside this file, or for a bundle in this package where it is installed.
 * There is none when this package runs from TypeScript, which a thread of Node 20 cannot.
 */
const findScript = (): URL | undefined => {
  const here: string | undefined = import.meta.url;
  if (here?.endsWith(".ts")) return undefined;
  const beside = here === undefined ? undefined : new URL(SCRIPT, here);
  if (beside && existsSync(beside)) return beside;
  try {
    const installed = besideEntry("unsiloed-ingest", `splitters/worker/${SCRIPT}`);
    return existsSync(installed) ? pathToFileURL(installed) : undefined;
  } catch {
    // Neither in the bundle nor installed: the caller splits on its own thread.
    return undefined;
  }
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
 * Splits segments in threads. Splitters with the same number of threads share them: many splitters take no more memory
 * and no more cores than one, although none of them has to be closed.
 */
export class SplitWorkers {
  readonly #threads: number;
  #closing = new AbortController();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * Sends segments to a thread.
   *
   * @returns `undefined` where the script of the threads is missing; the caller then splits on its own thread
   * @throws UnsiloedError `ABORTED`; `UNEXPECTED` when a thread crashes
   */
  split(request: SplitRequest, signal: AbortSignal | undefined): Promise<UnmergedSplit[]> | undefined {
    const ending = new FollowingSignal(signal, this.#closing.signal);
    return openPool(this.#threads)
      ?.run(request, ending.signal)
      .finally(() => ending.release());
  }

  /** Aborts the calls of this splitter, and ends the threads that are idle. */
  async close(): Promise<void> {
    this.#closing.abort(new UnsiloedError("ABORTED", "stopped: the splitter was closed"));
    this.#closing = new AbortController();
    await pools.get(this.#threads)?.closeIdle();
  }
}
