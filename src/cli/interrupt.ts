import { UnsiloedError } from "../errors.js";
import { EXIT } from "./exit.js";
import type { Terminal } from "./terminal.js";

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
  const onInterrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    out.say(`${meanwhile}; once more stops at once, and is safe too`);
    controller.abort(new UnsiloedError("ABORTED", "stopped; what is stored stays, and the next run goes on"));
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  try {
    return await command(controller.signal);
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
};
