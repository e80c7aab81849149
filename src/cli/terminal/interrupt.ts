import { UnsiloedError } from "../../errors.js";
import type { Terminal } from "./terminal.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Ends the process as it would have ended without handlers, which shells report as 130 for Ctrl-C. `process.exit`
 * would wait for the thread that writes the ledger, and that thread for the writes, for ever.
 */
const endBy = (signal: (typeof SIGNALS)[number]): void => {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
};

/**
 * Runs a command so that the first Ctrl-C aborts its signal and the second ends the process. Both are safe: a document
 * in the store is complete, as it was before, or completed by the next run.
 *
 * @param stopping what the command still does after the first Ctrl-C, so that the user can decide whether to wait
 */
export const interruptible = async <T>(
  out: Terminal,
  command: (signal: AbortSignal) => Promise<T>,
  stopping = "stopping",
): Promise<T> => {
  const controller = new AbortController();
  const onInterrupt = (signal: (typeof SIGNALS)[number]) => {
    if (controller.signal.aborted) return endBy(signal);
    out.say(`${stopping}; press Ctrl-C again to stop at once`);
    controller.abort(
      new UnsiloedError("ABORTED", "stopped: what is stored stays; run the same command again to continue"),
    );
  };
  for (const signal of SIGNALS) process.on(signal, onInterrupt);
  try {
    return await command(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onInterrupt);
  }
};

/** Waits until the signal aborts, for commands that serve until they are interrupted. */
export const untilInterrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
