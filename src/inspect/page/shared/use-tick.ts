import { useEffect, useState } from "preact/hooks";

/** How often the page asks whether something has changed, so that it follows a run. */
const FOLLOW_MS = 2000;

/** Counts up from 0 as often as a run is followed, while the page is visible. */
export const useTick = (): number => {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setTick((count) => count + 1);
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, []);
  return tick;
};
