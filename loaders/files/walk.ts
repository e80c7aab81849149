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

/** What was found below a directory; paths begin with that directory. */
export interface Walked {
  files: string[];
  /** Directories that cannot be read. */
  unreadable: { directory: string; cause: unknown }[];
}

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
 * Lists the files below a directory. Links are followed, but each directory is walked once, however many links
 * lead to it: by its own path where it has one below the root.
 */
export const walk = async (root: string, rules: WalkRules): Promise<Walked> => {
  const found: Walked = { files: [], unreadable: [] };
  const start = { directory: root, relative: "", real: await realpath(root), level: 1 };
  const seen = new Set([start.real]);
  const open: Directory[] = [start];
  const links: Directory[] = [];
  const add = (name: string, { directory: file, relative }: Directory): void => {
    if (isTaken(name, file, relative, rules)) found.files.push(file);
  };
  const enter = async (name: string, entry: Directory): Promise<void> => {
    if (entry.level > rules.depth || rules.closes(entry.relative)) return;
    const isNoSource = isLeftOut(name) || (await isState(entry.directory));
    if (isNoSource && !rules.asksFor(entry.relative)) return addPath(rules.skipped.leftOut, entry.directory);
    if (seen.has(entry.real)) return;
    seen.add(entry.real);
    open.push(entry);
  };
  const follow = async (link: Directory): Promise<void> => {
    const target = await stat(link.directory).catch(() => undefined);
    const name = path.basename(link.directory);
    if (!target) return addPath(rules.skipped.deadLinks, link.directory);
    if (target.isDirectory()) return enter(name, { ...link, real: await realpath(link.directory) });
    if (target.isFile()) add(name, link);
  };
  for (;;) {
    const directory = open.shift();
    // Links come last, so that what is reached by two ways has the one without links.
    const link = directory ? undefined : links.shift();
    if (link) await follow(link);
    else if (!directory) return found;
    else
      for (const entry of await entriesOf(directory, found)) {
        const { name } = entry;
        const below = {
          directory: path.join(directory.directory, name),
          relative: directory.relative === "" ? name : `${directory.relative}/${name}`,
          real: path.join(directory.real, name),
          level: directory.level + 1,
        };
        if (entry.isSymbolicLink()) links.push(below);
        else if (entry.isDirectory()) await enter(name, below);
        else if (entry.isFile()) add(name, below);
      }
  }
};

const entriesOf = ({ directory }: Directory, { unreadable }: Walked): Promise<Dirent[]> =>
  readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    unreadable.push({ directory, cause });
    return [];
  });

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
