import { throwIfAborted } from "./clock.js";
import { type Seat, Seats } from "./weighted-semaphore.js";

/**
 * Runs `work` on every item, at most `limit` at a time, and takes an item from the iterable only when there is
 * room for it. Work that turns out to be small may shrink its seat, which makes room for more. Rejects with the
 * first failure, once what is in flight has ended.
 */
export const forEachConcurrently = async <T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T, seat: Seat) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const seats = new Seats(limit);
  const settle = async (item: T, seat: Seat): Promise<void> => {
    try {
      await work(item, seat);
    } catch (thrown) {
      failures.push(thrown);
    } finally {
      seat.leave();
    }
  };
  let seat = await seats.take();
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const task: Promise<void> = settle(item, seat).then(() => void running.delete(task));
      running.add(task);
      seat = await seats.take();
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
};
