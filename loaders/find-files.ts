import { stat } from "node:fs/promises";
import path from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { UnsiloedError } from "../src/errors.js";
import { notReadable } from "../src/parse-api/file-input.js";
import { fileProblem, SUPPORTED_EXTENSIONS } from "../src/parse-api/file-types.js";

/** A file that was named or found, or what is wrong with what was named. */
export interface FoundFile {
  /** As the user would write it. */
  file: string;
  problem?: UnsiloedError | undefined;
}

const isSupported = (file: string): boolean =>
  SUPPORTED_EXTENSIONS.some((extension) => path.extname(file).toLowerCase() === `.${extension}`);

const problemOf = async (file: string): Promise<UnsiloedError | undefined> => {
  try {
    return fileProblem(file, (await stat(file)).size);
  } catch (cause) {
    return notReadable(file, cause);
  }
};

const nothing = (named: string, what: string): FoundFile => ({
  file: named,
  problem: new UnsiloedError(
    "FILE_NOT_FOUND",
    `${named}: ${what}; expected ${SUPPORTED_EXTENSIONS.join(", ")}`,
    {
      source: named,
    },
  ),
});

/** In the order of code units, so that every machine has the same. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Globs know `/` only; `\` would escape what follows it. */
const slashes = (pattern: string): string => (path.sep === "\\" ? pattern.replaceAll("\\", "/") : pattern);

const matches = async (pattern: string, cwd: string): Promise<string[]> =>
  (await glob(slashes(pattern), { cwd, expandDirectories: false, caseSensitiveMatch: false })).sort(byName);

const findInDirectory = async (directory: string): Promise<FoundFile[]> => {
  const found = (await matches("**/*", directory)).filter(isSupported);
  if (found.length === 0) return [nothing(directory, "the directory holds no file that can be parsed")];
  return Promise.all(
    found.map(async (name) => {
      const file = path.join(directory, name);
      return { file, problem: await problemOf(file) };
    }),
  );
};

const findByPattern = async (pattern: string): Promise<FoundFile[]> => {
  const all = await matches(pattern, process.cwd());
  const found = all.filter(isSupported);
  if (found.length === 0)
    return [nothing(pattern, all.length > 0 ? "no match can be parsed" : "matches no file")];
  return Promise.all(
    found.map(async (name) => {
      const file = path.normalize(name);
      return { file, problem: await problemOf(file) };
    }),
  );
};

/**
 * Finds what a name stands for: a file; all files below a directory, hidden ones excepted; or the matches of a
 * glob. In the last two, files of types that cannot be parsed are passed over. What a user named and is not there
 * is part of the answer, as a problem.
 */
export const findFiles = async (named: string): Promise<FoundFile[]> => {
  // A file may have a name that looks like a pattern, such as "report [final].pdf".
  const found = await stat(named).catch(() => undefined);
  if (found?.isDirectory()) return findInDirectory(named);
  if (!found && isDynamicPattern(named, { caseSensitiveMatch: false })) return findByPattern(named);
  return [{ file: named, problem: await problemOf(named) }];
};
