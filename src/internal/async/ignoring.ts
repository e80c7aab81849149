import { type ErrorCode, UnsiloedError } from "../../errors.js";

/** Runs work, and returns `undefined` when it fails with a certain code. */
export const ignoring = async <T>(code: ErrorCode, work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof UnsiloedError && thrown.code === code) return undefined;
    throw thrown;
  }
};
