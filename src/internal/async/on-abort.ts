interface Listening {
  readonly called: Set<() => void>;
  /** The one listener that the signal has. */
  readonly callAll: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

const listeningTo = (signal: AbortSignal): Listening => {
  const known = listening.get(signal);
  if (known) return known;
  const called = new Set<() => void>();
  const made = {
    called,
    callAll: () => {
      for (const listener of called) listener();
    },
  };
  listening.set(signal, made);
  return made;
};

/**
 * Calls a function when a signal aborts. The signal has one listener of all calls, since Node warns of a leak where more
 * than ten documents follow the signal of their run.
 *
 * @returns stops listening
 */
export const onAbort = (signal: AbortSignal, listener: () => void): (() => void) => {
  const { called, callAll } = listeningTo(signal);
  if (called.size === 0) signal.addEventListener("abort", callAll, { once: true });
  called.add(listener);
  return () => {
    called.delete(listener);
    if (called.size === 0) signal.removeEventListener("abort", callAll);
  };
};
