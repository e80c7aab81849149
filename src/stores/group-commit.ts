import { UnsiloedError } from "../errors.js";
import { abortError } from "../internal/async/clock.js";
import { everySignal } from "../internal/async/every-signal.js";

/** Runs commits, as many at once as the store takes. */
export type CommitQueue = (commit: () => Promise<void>) => Promise<unknown>;

/** A write that waits to be committed. */
interface PendingWrite<T> {
  items: readonly T[];
  signal: AbortSignal | undefined;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

export interface GroupLimits<T> {
  /** The most items of one commit; a single write may hold more. */
  maxCount: number | (() => number);
  /** The most weight of one commit; a single write may weigh more. */
  maxWeight: number;
  weigh: (item: T) => number;
  /** Items with the same key never share a commit, so that the last one is stored. */
  keyOf: (item: T) => string;
}

/**
 * Commits writes together that arrive while others are committed, because every commit costs the same few milliseconds,
 * however small it is. Each write resolves once it is durable. When a commit of several writes is refused, each is tried
 * alone, so that none fails because of another. What may succeed later has failed for all of them.
 */
export class GroupCommit<T> {
  readonly #queue: CommitQueue;
  readonly #limits: GroupLimits<T>;
  readonly #commit: (items: readonly T[], signal: AbortSignal | undefined) => Promise<void>;
  readonly #waiting: PendingWrite<T>[] = [];

  /** @param commit gets a signal that aborts once all writes of the commit have been aborted */
  constructor(
    queue: CommitQueue,
    limits: GroupLimits<T>,
    commit: (items: readonly T[], signal: AbortSignal | undefined) => Promise<void>,
  ) {
    this.#queue = queue;
    this.#limits = limits;
    this.#commit = commit;
  }

  /** Resolves once the items are committed. A write whose signal aborts before its turn is not started. */
  add(items: readonly T[], signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, signal, resolve, reject });
      // One turn for each write. Writes that an earlier turn included leave nothing to do.
      void this.#queue(() => this.#commitNext());
    });
  }

  async #commitNext(): Promise<void> {
    const group = this.#take();
    if (group.length === 0) return;
    const { signal, stop } = everySignal(group.map((write) => write.signal));
    try {
      const items = group.flatMap((write) => write.items);
      await this.#commit(items, signal);
    } catch (thrown) {
      const mayHelp = !signal?.aborted && !(thrown instanceof UnsiloedError && thrown.retryable);
      if (group.length > 1 && mayHelp) for (const write of group) await this.#commitAlone(write);
      else for (const { reject } of group) reject(thrown);
      return;
    } finally {
      stop();
    }
    for (const { resolve } of group) resolve();
  }

  async #commitAlone({ items, signal, resolve, reject }: PendingWrite<T>): Promise<void> {
    try {
      await this.#commit(items, signal);
      resolve();
    } catch (thrown) {
      reject(thrown);
    }
  }

  /** Removes the writes at the head of the queue that fit into one commit. */
  #take(): PendingWrite<T>[] {
    const { maxCount: limit, maxWeight, weigh, keyOf } = this.#limits;
    const maxCount = typeof limit === "number" ? limit : limit();
    const group: PendingWrite<T>[] = [];
    const keys = new Set<string>();
    let weight = 0;
    for (let write = this.#waiting[0]; write; write = this.#waiting[0]) {
      const { items, signal, reject } = write;
      if (signal?.aborted) reject(abortError(signal));
      else {
        weight += items.reduce((sum, item) => sum + weigh(item), 0);
        const fits = keys.size + items.length <= maxCount && weight <= maxWeight;
        if (group.length > 0 && (!fits || items.some((item) => keys.has(keyOf(item))))) break;
        for (const item of items) keys.add(keyOf(item));
        group.push(write);
      }
      this.#waiting.shift();
    }
    return group;
  }
}
