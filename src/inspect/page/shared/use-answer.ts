import { useEffect, useState } from "preact/hooks";

/** An answer of the server, or what became of it. */
export interface Answer<T> {
  value: T | undefined;
  problem: string | undefined;
  isLoading: boolean;
}

/**
 * Asks the server whenever `key` changes, and keeps showing the last answer until the next one is there.
 *
 * @param key what the answer depends on; `undefined` asks nothing
 */
export const useAnswer = <T>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string | undefined,
): Answer<T> => {
  const [answer, setAnswer] = useState<Answer<T>>({ value: undefined, problem: undefined, isLoading: false });
  useEffect(() => {
    if (key === undefined) {
      setAnswer({ value: undefined, problem: undefined, isLoading: false });
      return;
    }
    const controller = new AbortController();
    setAnswer((before) => ({ ...before, isLoading: true }));
    ask(controller.signal).then(
      (value) => setAnswer({ value, problem: undefined, isLoading: false }),
      (thrown: unknown) => {
        if (controller.signal.aborted) return;
        setAnswer({
          value: undefined,
          problem: thrown instanceof Error ? thrown.message : String(thrown),
          isLoading: false,
        });
      },
    );
    return () => controller.abort();
  }, [key]);
  return answer;
};
