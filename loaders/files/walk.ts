import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { isSystemFile } from "../../src/parse-api/jobs/file-types.js";
import { addEnding, addPath, type SkippedFiles } from "./skipped-files.js";

/** What a walk takes, and where it says what it did not take. */
export interface WalkRules {
  /** Takes a path relative to the directory that is walked, with `/`, as all of these do. */
  takes(file: string): boolean;
  /** Whether all below a directory is left out. */
  closes(directory: string): boolean;
  /** Whether a name that is otherwise left out is asked for. */
  asksFor(name: string): boolean;
  /** Tells by its name whether a file is of the kind that is wanted. */
  isWanted(file: string): boolean;
  /** How many levels of directories are walked. */
  depth: number;
  skipped: SkippedFiles;
}

/** A file that was found below a directory, or a directory that cannot be read; paths begin with the directory that is walked. */
export type Walked =
  | {
      file: string;
      /** Where it is, links followed. */
      real: string;
    }
  | { unreadable: string; cause: unknown };

interface Directory {
  /** As it was reached. */
  directory: string;
  /** Relative to where the walk began, with `/`. */
  relative: string;
  /** Without links. */
  real: string;
  level: number;
}

const NEVER_DOCUMENTS: ReadonlySet<string> = new Set(["node_modules", "__MACOSX"]);

/** Tells by its name whether a directory is left out unless it is asked for: a hidden one, or a table of LanceDB. */
export const isLeftOut = (name: string): boolean =>
  name.startsWith(".") || NEVER_DOCUMENTS.has(name) || name.endsWith(".lance");

/** Tells whether a directory holds the ledger of this package. */
const isState = (directory: string): Promise<boolean> =>
  stat(path.join(directory, "ledger", "data.mdb")).then(
    (found) => found.isFile(),
    () => false,
  );

/**
 * Yields the files below a directory as they are found, in the order of their paths by code units, so that every machine
 * has the same; what cannot be read comes where its files would. Links are followed at the end: each directory is walked
 * once and each file found once, however many links lead to it, and by its own path where it has one below the root.
 */
export async function* walk(root: string, rules: WalkRules): AsyncGenerator<Walked> {
  const start = { directory: root, relative: "", real: await realpath(root), level: 1 };
  /** Every directory that is walked, by where it is. */
  const walked = new Map([[start.real, start.relative]]);
  const linked = new Set<string>();
  const links: Directory[] = [];
  const open: Open[] = [];
  const enter = async (name: string, entry: Directory): Promise<boolean> => {
    if (entry.level > rules.depth || rules.closes(entry.relative)) return false;
    const isNoSource = isLeftOut(name) || (await isState(entry.directory));
    if (isNoSource && !rules.asksFor(entry.relative)) {
      addPath(rules.skipped.leftOut, entry.directory);
      return false;
    }
    if (walked.has(entry.real)) return false;
    walked.set(entry.real, entry.relative);
    return true;
  };
  /** Tells whether a file that a link leads to is found without it, or was by another. */
  const isKnown = (real: string): boolean => {
    const parent = walked.get(path.dirname(real));
    const name = path.basename(real);
    if (parent !== undefined && isTakenAs(name, below(parent, name), rules)) return true;
    if (linked.has(real)) return true;
    linked.add(real);
    return false;
  };
  const read = async function* (directory: Directory): AsyncGenerator<Walked> {
    const entries = await entriesOf(directory);
    if (entries instanceof Error) yield { unreadable: directory.directory, cause: entries };
    else open.push({ directory, entries: entries.values() });
  };
  yield* read(start);
  for (;;) {
    const current = open.at(-1);
    const next = current?.entries.next();
    if (current && next && !next.done) {
      const entry = next.value;
      const { name } = entry;
      const found = childOf(current.directory, name);
      if (entry.isSymbolicLink()) links.push(found);
      else if (entry.isDirectory()) {
        if (await enter(name, found)) yield* read(found);
      } else if (entry.isFile() && isTaken(name, found.directory, found.relative, rules))
        yield { file: found.directory, real: found.real };
      continue;
    }
    if (current) {
      open.pop();
      continue;
    }
    const link = links.shift();
    if (!link) return;
    const target = await stat(link.directory).catch(() => undefined);
    const name = path.basename(link.directory);
    if (!target) addPath(rules.skipped.deadLinks, link.directory);
    else {
      const real = await realpath(link.directory);
      if (target.isDirectory()) {
        if (await enter(name, { ...link, real })) yield* read({ ...link, real });
      } else if (target.isFile() && isTaken(name, link.directory, link.relative, rules) && !isKnown(real))
        yield { file: link.directory, real };
    }
  }
}

/** A directory that is being walked. */
interface Open {
  directory: Directory;
  entries: Iterator<Dirent>;
}

const below = (relative: string, name: string): string => (relative === "" ? name : `${relative}/${name}`);

const childOf = ({ directory, relative, real, level }: Directory, name: string): Directory => ({
  directory: path.join(directory, name),
  relative: below(relative, name),
  real: path.join(real, name),
  level: level + 1,
});

/** A directory sorts as its files do, by a slash after its name. */
const sortedAs = (entry: Dirent): string => (entry.isDirectory() ? `${entry.name}/` : entry.name);

const entriesOf = async ({ directory }: Directory): Promise<Dirent[] | Error> => {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.sort((a, b) => (sortedAs(a) < sortedAs(b) ? -1 : 1));
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
};

/** What of the rules decides about one file. */
export type FileRules = Pick<WalkRules, "takes" | "asksFor" | "isWanted" | "skipped">;

/**
 * Tells whether a file is taken, and counts it as skipped where it is not.
 *
 * @param file as it is shown
 * @param relative from the directory that is walked
 */
export const isTaken = (name: string, file: string, relative: string, rules: FileRules): boolean => {
  if (!rules.takes(relative)) return false;
  const isHidden = name.startsWith(".") && !rules.asksFor(relative);
  if (isSystemFile(name)) rules.skipped.systemFiles += 1;
  else if (!rules.isWanted(name)) {
    if (!isHidden) addEnding(rules.skipped, name);
  } else if (isHidden) addPath(rules.skipped.leftOut, file);
  else return true;
  return false;
};

/** Tells whether a file is taken by a name, without counting it. */
const isTakenAs = (name: string, relative: string, rules: FileRules): boolean =>
  rules.takes(relative) &&
  !isSystemFile(name) &&
  rules.isWanted(name) &&
  (!name.startsWith(".") || rules.asksFor(relative));
