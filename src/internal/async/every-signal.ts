/**
 * Returns a signal that aborts once all of the signals have, for work that several callers wait for; `undefined` where
 * one of them gave none. `stop` removes the listeners.
 */
export const everySignal = (
  signals: readonly (AbortSignal | undefined)[],
): { signal: AbortSignal | undefined; stop: () => void } => {
  const distinct = new Set(signals);
  const given = [...distinct].filter((signal) => signal !== undefined);
  const stop = () => undefined;
  if (given.length < distinct.size) return { signal: undefined, stop };
  if (given.length < 2) return { signal: given[0], stop };
  const all = new AbortController();
  const onAbort = () => {
    if (given.every(({ aborted }) => aborted)) all.abort(given[0]?.reason);
  };
  for (const signal of given) signal.addEventListener("abort", onAbort);
  onAbort();
  return {
    signal: all.signal,
    stop: () => {
      for (const signal of given) signal.removeEventListener("abort", onAbort);
    },
  };
};
