import { messageOf, UnsiloedError } from "../../errors.js";
import { propertyOf } from "../objects.js";

/** What esbuild and rollup make of a package that requires modules of Node, some of them only in newer versions. */
const isBundled = (thrown: unknown): boolean =>
  propertyOf(thrown, "code") === "ERR_UNKNOWN_BUILTIN_MODULE" ||
  messageOf(thrown).startsWith("Dynamic require of ");

/**
 * Explains why undici, or a package that uses it, cannot be loaded.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` in a bundle that undici cannot be part of, or without it; else what was thrown
 */
export const explainUndici = (cause: unknown): never => {
  const isMissing = propertyOf(cause, "code") === "ERR_MODULE_NOT_FOUND";
  if (!isMissing && !isBundled(cause)) throw cause;
  throw new UnsiloedError(
    "MISSING_PACKAGE",
    `the package undici cannot be loaded (${messageOf(cause)}): mark "undici" as external in your bundler and install it where the bundle runs`,
    { cause },
  );
};

/**
 * Loads undici when it is first needed.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` as {@link explainUndici} does
 */
export const loadUndici = () => import("./undici-parts.js").catch(explainUndici);
