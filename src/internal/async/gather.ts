/** A call that waits to be made together with others. */
interface Waiting<T, R> {
  item: T;
  resolve: (result: R) => void;
  reject: (reason: unknown) => void;
}

/**
 * Makes one call of several that arrive in the same turn of the event loop, where each would cost a round trip.
 *
 * @param run gets the items of a turn; returns a result for each, in their order
 */
export const gatherTurn = <T, R>(run: (items: readonly T[]) => Promise<readonly R[]>) => {
  let waiting: Waiting<T, R>[] = [];
  const flush = async (): Promise<void> => {
    const turn = waiting;
    waiting = [];
    try {
      const results = await run(turn.map(({ item }) => item));
      for (const [index, { resolve, reject }] of turn.entries()) {
        const result = results[index];
        if (result === undefined) reject(new RangeError("a call without a result"));
        else resolve(result);
      }
    } catch (thrown) {
      for (const { reject } of turn) reject(thrown);
    }
  };
  return (item: T): Promise<R> =>
    new Promise((resolve, reject) => {
      if (waiting.push({ item, resolve, reject }) === 1) setImmediate(() => void flush());
    });
};
