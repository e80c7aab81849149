import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "./parse-service.js";

/** Makes a directory with files of the given names, and makes it the working directory until the test ends. */
export const filesNamed = async (...names: string[]): Promise<string> => {
  const directory = await temporaryDirectory();
  for (const name of names) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), name.endsWith("empty.pdf") ? "" : `%PDF ${name}`);
  }
  const cwd = vi.spyOn(process, "cwd").mockReturnValue(directory);
  onTestFinished(() => cwd.mockRestore());
  return directory;
};
