import { propertyOf } from "../../internal/objects.js";
import { EXIT } from "./exit.js";

/** Codes of a reader that has gone: a pipe into `head`, a terminal that was closed. */
const READER_IS_GONE: ReadonlySet<unknown> = new Set(["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

const onOutputError = (error: Error): void => {
  if (READER_IS_GONE.has(propertyOf(error, "code"))) return;
  process.stderr.write(`error: the output cannot be written: ${error.message}\n`);
  process.exitCode = EXIT.failed;
};

/** A log that cannot be written is no reason to leave a run unfinished. */
const onLogError = (): void => undefined;

/** Prevents that a reader which ends early ends the command: without listeners such an error ends the process. */
export const surviveLostReaders = (): void => {
  process.stdout.off("error", onOutputError).on("error", onOutputError);
  process.stderr.off("error", onLogError).on("error", onLogError);
};
