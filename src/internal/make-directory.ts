import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { propertyOf } from "./objects.js";

/**
 * Makes a directory and those above it. Node's own `mkdir` with `recursive` goes on for ever where a file system
 * answers that a directory is missing which is there, as `/proc` does.
 */
export const makeDirectory = async (directory: string): Promise<void> => {
  try {
    await mkdir(directory);
  } catch (thrown) {
    const code = propertyOf(thrown, "code");
    if (code === "EEXIST" && (await stat(directory)).isDirectory()) return;
    const parent = path.dirname(directory);
    if (code !== "ENOENT" || parent === directory) throw thrown;
    await makeDirectory(parent);
    await mkdir(directory).catch((again: unknown) => {
      // Another process may have created it since the check.
      if (propertyOf(again, "code") !== "EEXIST") throw again;
    });
  }
};
