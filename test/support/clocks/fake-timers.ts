import { onTestFinished, vi } from "vitest";

/**
 * Lets the limits of real requests pass when a test says so: replaces the timers and the stop watch of this process
 * until the test ends. Sockets go on as ever, and so does `expect.poll`, which keeps the real timers.
 */
export const fakeTimers = (): { advance(ms: number): void } => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  return { advance: (ms) => void vi.advanceTimersByTime(ms) };
};
