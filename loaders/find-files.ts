import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { UnsiloedError } from "../src/errors.js";
import { notReadable } from "../src/parse-api/jobs/file-input.js";
import { fileProblem, SUPPORTED_EXTENSIONS } from "../src/parse-api/jobs/file-types.js";

/** A file that was named or found, or what is wrong with what was named. */
export interface FoundFile {
  /** As the user would write it. */
  file: string;
  /** Where it really is, links followed: what is reached by two names is one file. */
  realPath: string;
  /** Size, where there is such a file. */
  bytes?: number | undefined;
  problem?: UnsiloedError | undefined;
}

/** The files that directories and patterns stand for. */
export interface FileKind {
  /** Tells by its name whether a file is one of them; others are passed over. */
  includes(file: string): boolean;
  /** What they are, for messages: "the directory holds no …". */
  what: string;
  /** Which names they have, for messages: "expected …". */
  expected: string;
  /** Finds what is wrong with a file of any name, as far as its name and size tell. */
  problemOf(file: string, bytes: number): UnsiloedError | undefined;
}

const isSupported = (file: string): boolean =>
  SUPPORTED_EXTENSIONS.some((extension) => path.extname(file).toLowerCase() === `.${extension}`);

/** Documents that the service can parse. */
export const DOCUMENTS: FileKind = {
  includes: isSupported,
  what: "file that can be parsed",
  expected: SUPPORTED_EXTENSIONS.join(", "),
  problemOf: fileProblem,
};

/** Saved results. One that is named itself may have any name, and what is wrong with it shows when it is read. */
export const SAVED_RESULTS: FileKind = {
  includes: (file) => /\.json(?:\.gz)?$/i.test(file),
  what: "saved result",
  expected: ".json or .json.gz",
  problemOf: () => undefined,
};

const look = async (file: string, kind: FileKind): Promise<FoundFile> => {
  try {
    const { size } = await stat(file);
    return { file, realPath: await realpath(file), bytes: size, problem: kind.problemOf(file, size) };
  } catch (cause) {
    return { file, realPath: path.resolve(file), problem: notReadable(file, cause) };
  }
};

const nothing = (named: string, found: string, { expected }: FileKind): FoundFile => ({
  file: named,
  realPath: path.resolve(named),
  problem: new UnsiloedError("FILE_NOT_FOUND", `${named}: ${found}; expected ${expected}`, { source: named }),
});

/** In the order of code units, so that every machine has the same. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Globs know `/` only; `\` would escape what follows it. */
const slashes = (pattern: string): string => (path.sep === "\\" ? pattern.replaceAll("\\", "/") : pattern);

const matches = async (pattern: string, cwd: string): Promise<string[]> =>
  (await glob(slashes(pattern), { cwd, expandDirectories: false, caseSensitiveMatch: false })).sort(byName);

/** Every file once. Of several ways to one, that without links is kept: the others may come and go. */
const distinct = async (found: readonly FoundFile[]): Promise<FoundFile[]> => {
  const base = await realpath(process.cwd());
  const kept = new Map<string, FoundFile>();
  for (const one of found)
    if (!kept.has(one.realPath) || path.resolve(base, one.file) === one.realPath) kept.set(one.realPath, one);
  return [...kept.values()].sort((a, b) => byName(a.file, b.file));
};

const findInDirectory = async (directory: string, kind: FileKind): Promise<FoundFile[]> => {
  const found = (await matches("**/*", directory)).filter(kind.includes);
  if (found.length === 0) return [nothing(directory, `the directory holds no ${kind.what}`, kind)];
  return distinct(await Promise.all(found.map((name) => look(path.join(directory, name), kind))));
};

const findByPattern = async (pattern: string, kind: FileKind): Promise<FoundFile[]> => {
  const all = await matches(pattern, process.cwd());
  const found = all.filter(kind.includes);
  if (found.length === 0)
    return [nothing(pattern, all.length > 0 ? `no match is a ${kind.what}` : "matches no file", kind)];
  return distinct(await Promise.all(found.map((name) => look(path.normalize(name), kind))));
};

/**
 * Finds what a name stands for: a file; all files below a directory, hidden ones excepted; or the matches of a
 * glob. In the last two, files of another kind are passed over. What a user named and is not there is part of the
 * answer, as a problem.
 */
export const findFiles = async (named: string, kind: FileKind = DOCUMENTS): Promise<FoundFile[]> => {
  // A file may have a name that looks like a pattern, such as "report [final].pdf".
  const found = await stat(named).catch(() => undefined);
  if (found?.isDirectory()) return findInDirectory(named, kind);
  if (!found && isDynamicPattern(slashes(named))) return findByPattern(named, kind);
  return [await look(named, kind)];
};
