import { onTestFinished, vi } from "vitest";

/**
 * Lets a test move the time limits of real requests: replaces the timers and `performance` of this process until the
 * test ends. Sockets are not affected, and `expect.poll` keeps the real timers.
 */
export const fakeTimers = (): { advance(ms: number): void } => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  return { advance: (ms) => void vi.advanceTimersByTime(ms) };
};
