import type { UnsiloedError } from "../errors.js";

/** Warns of a problem as Node does of its own, where the caller has not said who is told. */
export const warnOfProblem = ({ message, code }: UnsiloedError): void =>
  process.emitWarning(message, { type: "UnsiloedWarning", code });
