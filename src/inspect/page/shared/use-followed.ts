import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Answer, useAnswer } from "./use-answer.js";

/** How long after an answer the page asks again, so that it follows a run. */
const FOLLOW_MS = 2000;

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Asks the server, and again a while after each answer, as long as the page is visible. An answer that says what the last
 * one did returns the same object, so that nothing is drawn again; a failure keeps the last answer.
 */
export const useFollowed = <T>(ask: (signal: AbortSignal) => Promise<T>): Answer<T> => {
  const [turn, setTurn] = useState(0);
  const answer = useAnswer(ask, turn);
  useEffect(() => {
    // A request that takes long is not cut off by the next one.
    if (answer.isLoading) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setTurn((count) => count + 1);
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [answer]);
  const last = useRef<T | undefined>(undefined);
  const value = useMemo(() => {
    if (answer.value !== undefined && !isEqual(answer.value, last.current)) last.current = answer.value;
    return last.current;
  }, [answer.value]);
  return { ...answer, value };
};
