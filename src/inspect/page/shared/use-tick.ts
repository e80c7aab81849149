import { useEffect, useState } from "preact/hooks";

/** Counts up so often, while the page is visible. */
export const useTick = (everyMs: number): number => {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setTick((count) => count + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return tick;
};
