import { useEffect, useState } from "preact/hooks";

/** An answer of the server, or what became of it. */
export interface Answer<T> {
  value: T | undefined;
  problem: string | undefined;
  isLoading: boolean;
}

const NOTHING = { value: undefined, problem: undefined, isLoading: false };

/**
 * Asks the server whenever `key` changes, and keeps showing the last answer until the next one is there.
 *
 * @param key what the answer depends on; `undefined` asks nothing
 * @param source who answers; another one is asked again
 */
export const useAnswer = <T>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string | number | undefined,
  source?: unknown,
): Answer<T> => {
  const [answer, setAnswer] = useState<Answer<T>>(NOTHING);
  useEffect(() => {
    if (key === undefined) {
      setAnswer(NOTHING);
      return;
    }
    const controller = new AbortController();
    const { signal } = controller;
    setAnswer((before) => ({ ...before, isLoading: true }));
    ask(signal).then(
      (value) => {
        if (!signal.aborted) setAnswer({ value, problem: undefined, isLoading: false });
      },
      (thrown: unknown) => {
        if (signal.aborted) return;
        const problem = thrown instanceof Error ? thrown.message : String(thrown);
        setAnswer({ value: undefined, problem, isLoading: false });
      },
    );
    return () => controller.abort();
  }, [key, source]);
  return answer;
};
