import { throwIfAborted } from "./clock.js";
import { type Permit, WeightedSemaphore } from "./weighted-semaphore.js";

/**
 * Runs `work` on every item, at most `limit` at a time, and takes an item from the iterable only when it can be worked
 * on at once. Work that turns out to be small may shrink its permit, so that more items are taken.
 *
 * @throws the first failure, or UnsiloedError `ABORTED`, once the work that has begun has ended
 */
export const forEachConcurrently = async <T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T, permit: Permit) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const semaphore = new WeightedSemaphore(limit);
  const start = async (item: T, permit: Permit): Promise<void> => {
    try {
      await work(item, permit);
    } catch (thrown) {
      failures.push(thrown);
    } finally {
      permit.release();
    }
  };
  let permit = await semaphore.acquire({ signal });
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const task: Promise<void> = start(item, permit).then(() => void running.delete(task));
      running.add(task);
      permit = await semaphore.acquire({ signal });
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
};
