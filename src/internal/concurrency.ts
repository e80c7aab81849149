import { throwIfAborted } from "./clock.js";
import { type Place, Places } from "./places.js";

/**
 * Runs `work` on every item, at most `limit` at a time, and takes an item from the iterable only when there is
 * room for it. Work that turns out to be small may shrink its place, which makes room for more. Rejects with the
 * first failure, once what is in flight has ended.
 */
export const forEachConcurrently = async <T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T, place: Place) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const places = new Places(limit);
  const settle = async (item: T, place: Place): Promise<void> => {
    try {
      await work(item, place);
    } catch (thrown) {
      failures.push(thrown);
    } finally {
      place.leave();
    }
  };
  let place = await places.take();
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const task: Promise<void> = settle(item, place).then(() => void running.delete(task));
      running.add(task);
      place = await places.take();
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
};
