import { throwIfAborted } from "./clock.js";

/**
 * Runs `work` on every item, at most `limit` at a time, and takes an item from the iterable only when there is
 * room for it. Rejects with the first failure, once what is in flight has ended.
 */
export const forEachConcurrently = async <T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const settle = async (item: T): Promise<void> => {
    try {
      await work(item);
    } catch (thrown) {
      failures.push(thrown);
    }
  };
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const task: Promise<void> = settle(item).then(() => void running.delete(task));
      running.add(task);
      if (running.size >= limit) await Promise.race(running);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
};
