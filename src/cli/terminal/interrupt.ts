import { UnsiloedError } from "../../errors.js";
import type { Terminal } from "./terminal.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const SHOW_CURSOR = "\u001B[?25h";

/**
 * Ends the process as it would have ended without handlers, which shells report as 130 for Ctrl-C. `process.exit`
 * would wait for the thread that writes the ledger, which waits in its turn for what is written, and so for ever.
 */
const endBy = (signal: (typeof SIGNALS)[number]): void => {
  if (process.stderr.isTTY) process.stderr.write(SHOW_CURSOR);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
};

/**
 * Runs a command so that the first Ctrl-C aborts its signal and the second ends the process. Either is safe: a
 * document is in the store whole, as it was, or is completed by the next run.
 *
 * @param meanwhile what the command still does after the first, for the user to wait or not
 */
export const interruptible = async <T>(
  out: Terminal,
  command: (signal: AbortSignal) => Promise<T>,
  meanwhile = "stopping",
): Promise<T> => {
  const controller = new AbortController();
  const onInterrupt = (signal: (typeof SIGNALS)[number]) => {
    if (controller.signal.aborted) return endBy(signal);
    out.say(`${meanwhile}; once more stops at once`);
    controller.abort(new UnsiloedError("ABORTED", "stopped; what is stored stays, and the next run goes on"));
  };
  for (const signal of SIGNALS) process.on(signal, onInterrupt);
  try {
    return await command(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onInterrupt);
  }
};
