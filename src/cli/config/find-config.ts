import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { UnsiloedError } from "../../errors.js";

/** Endings of config files. */
export const CONFIG_ENDINGS = ["json", "ts", "js", "mts", "mjs", "cts", "cjs"] as const;

/** Forms in which `init` writes a config file. */
export const CONFIG_FORMATS = ["json", "ts", "js"] as const;
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

/** Returns the config files of a directory. */
export const configsIn = (directory: string): string[] =>
  CONFIG_ENDINGS.map((ending) => path.join(directory, `unsiloed.config.${ending}`)).filter((file) =>
    existsSync(file),
  );

const realHome = (): string | undefined => {
  try {
    return realpathSync(homedir());
  } catch {
    return undefined;
  }
};

/**
 * Finds the config file of a directory, or else of the nearest one above it. The last directory that is looked at is the
 * home directory, or the root of the file system for a directory outside of it.
 *
 * @throws UnsiloedError `INVALID_OPTION` for two files in one directory
 */
export const findConfig = (from: string): string | undefined => {
  const home = realHome();
  for (let directory = from; ; directory = path.dirname(directory)) {
    const [file, second] = configsIn(directory);
    if (file !== undefined && second !== undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        `${directory}: expected one config file, got ${path.basename(file)} and ${path.basename(second)}; remove one`,
      );
    if (file !== undefined) return file;
    if (directory === home || directory === path.dirname(directory)) return undefined;
  }
};

/** Returns the path of the file that `--config` names. @throws UnsiloedError `INVALID_OPTION` if there is none */
export const namedConfig = (named: string): string => {
  const ending = path.extname(named).slice(1);
  if (!existsSync(named))
    throw new UnsiloedError(
      "INVALID_OPTION",
      `--config: the file "${named}" does not exist; correct its path`,
    );
  const isFile = statSync(named, { throwIfNoEntry: false })?.isFile() ?? false;
  if (!isFile || !CONFIG_ENDINGS.some((known) => known === ending))
    throw new UnsiloedError(
      "INVALID_OPTION",
      `--config: expected a file that ends in .${CONFIG_ENDINGS.join(", .")}, got "${named}"`,
    );
  return path.resolve(named);
};
