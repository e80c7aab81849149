import { UnsiloedError } from "../errors.js";
import { propertyOf } from "./objects.js";

const isMissing = (thrown: unknown): boolean => {
  const code = propertyOf(thrown, "code");
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
};

/**
 * Loads a package that may have been left out of the installation.
 *
 * @throws UnsiloedError `MISSING_PACKAGE`, naming what to install
 */
export const importOptional = async <T>(
  load: () => Promise<T>,
  purpose: string,
  packages: string,
): Promise<T> => {
  try {
    return await load();
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    throw new UnsiloedError(
      "MISSING_PACKAGE",
      `${purpose} needs optional packages: run "npm install ${packages}"`,
      {
        cause: thrown,
      },
    );
  }
};
