import { createInterface } from "node:readline/promises";
import { abortError } from "../../internal/async/clock.js";

/** Whether somebody can be asked: input and log are terminals. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks a question that is answered with yes or no; no is the default, also when the input ends. */
export const confirm = async (question: string, signal: AbortSignal): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // In raw mode the terminal sends Ctrl-C as a key.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } catch (thrown) {
    throw signal.aborted ? abortError(signal) : thrown;
  } finally {
    lines.close();
  }
};
