export interface BatchLimits<T> {
  /** The most items a batch may hold. */
  maxCount: number;
  /** The most weight a batch may hold; an item heavier than that gets a batch of its own. */
  maxWeight?: number;
  weigh?: (item: T) => number;
}

/** Cuts a list into consecutive batches; every item is in exactly one, in order. */
export function* batches<T>(items: Iterable<T>, limits: BatchLimits<T>): Generator<T[]> {
  const { maxCount, maxWeight = Number.POSITIVE_INFINITY, weigh = () => 0 } = limits;
  let batch: T[] = [];
  let weight = 0;
  for (const item of items) {
    const itemWeight = weigh(item);
    if (batch.length > 0 && (batch.length >= maxCount || weight + itemWeight > maxWeight)) {
      yield batch;
      batch = [];
      weight = 0;
    }
    batch.push(item);
    weight += itemWeight;
  }
  if (batch.length > 0) yield batch;
}

/** Collects the items of a stream into batches, the last of which may be shorter. */
export async function* streamBatches<T>(
  items: Iterable<T> | AsyncIterable<T>,
  maxCount: number,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < maxCount) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
