import { type ErrorContext, messageOf, UnsiloedError } from "../errors.js";

/**
 * The same error with more of where it came from; what it knew already wins. Anything that is not an error of this
 * package becomes one.
 */
export const addContext = (thrown: unknown, context: ErrorContext): UnsiloedError => {
  if (!(thrown instanceof UnsiloedError))
    return new UnsiloedError("UNEXPECTED", messageOf(thrown), { ...context, cause: thrown });
  return new UnsiloedError(thrown.code, thrown.message, {
    ...context,
    ...thrown.context,
    retryable: thrown.retryable,
    cause: thrown.cause ?? thrown,
  });
};
