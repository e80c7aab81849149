import type { LimitFunction } from "p-limit";
import { abortError } from "../../internal/async/clock.js";

/** A write that waits to be committed. */
interface PendingWrite<T> {
  items: readonly T[];
  signal: AbortSignal | undefined;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

export interface GroupLimits<T> {
  /** The most items of one commit; a single write may hold more. */
  maxCount: number;
  /** The most weight of one commit; a single write may weigh more. */
  maxWeight: number;
  weigh: (item: T) => number;
  /** Items with the same key never share a commit, so that the last one is stored. */
  keyOf: (item: T) => string;
}

/**
 * Commits writes together that arrive during another commit, because every commit costs the same few milliseconds and
 * adds a version and a file, however small it is. Each write resolves once it is durable. When a commit of several
 * writes fails, each is tried alone, so that none fails because of another.
 */
export class GroupCommit<T> {
  readonly #queue: LimitFunction;
  readonly #limits: GroupLimits<T>;
  readonly #commit: (items: readonly T[]) => Promise<void>;
  readonly #waiting: PendingWrite<T>[] = [];

  /** @param queue runs one commit after the other */
  constructor(queue: LimitFunction, limits: GroupLimits<T>, commit: (items: readonly T[]) => Promise<void>) {
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
    try {
      await this.#commit(group.flatMap(({ items }) => items));
    } catch (thrown) {
      if (group.length > 1) for (const write of group) await this.#commitAlone(write);
      else for (const { reject } of group) reject(thrown);
      return;
    }
    for (const { resolve } of group) resolve();
  }

  async #commitAlone({ items, resolve, reject }: PendingWrite<T>): Promise<void> {
    try {
      await this.#commit(items);
      resolve();
    } catch (thrown) {
      reject(thrown);
    }
  }

  /** Removes the writes at the head of the queue that fit into one commit. */
  #take(): PendingWrite<T>[] {
    const { maxCount, maxWeight, weigh, keyOf } = this.#limits;
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
