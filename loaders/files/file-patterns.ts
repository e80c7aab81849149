import path from "node:path";
import picomatch from "picomatch";
import { z } from "zod";

type Matches = (text: string) => boolean;

/** Globs know `/` only; `\` would escape what follows it. */
const slashes = (pattern: string): string => (path.sep === "\\" ? pattern.replaceAll("\\", "/") : pattern);

/** Tells whether a name that does not exist is to be taken for a glob. */
export const isGlob = (name: string): boolean => picomatch.scan(slashes(name)).isGlob;

/** Returns the path and those above it: `a`, `a/b` and `a/b/c.pdf` for `a/b/c.pdf`. */
const withParents = (file: string): string[] => {
  const names = file.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
};

const baseName = (file: string): string => file.slice(file.lastIndexOf("/") + 1);

/**
 * Makes the test whether a pattern spells the name of a directory or file, rather than matching every name. What is
 * left out unless it is asked for, such as `node_modules`, is asked for so.
 */
const spelling = (pattern: string): Matches => {
  const parents = withParents(pattern).filter((parent) => !/^\**$/.test(baseName(parent)));
  const tests = parents.map((parent) => picomatch(parent, { nocase: true }));
  return (file) => tests.some((matches) => matches(file));
};

/** A directory to search, and which of the files below it match. */
export interface FileGlob {
  base: string;
  /** Takes a path relative to `base`. */
  matches: Matches;
  spells: Matches;
  /** How many levels of directories can hold a match. */
  depth: number;
}

/**
 * Divides a glob into the directory that it begins with and the part that has to match.
 *
 * @param nocase whether upper and lower case are the same
 */
export const openGlob = (glob: string, { nocase = true } = {}): FileGlob => {
  const { base, prefix, glob: rest } = picomatch.scan(slashes(glob));
  return {
    // Characters of its names that would be a pattern are escaped.
    base: base.replace(/\\(.)/g, "$1") || prefix || ".",
    matches: picomatch(rest, { nocase }),
    spells: spelling(rest),
    depth: rest.includes("**") ? Number.POSITIVE_INFINITY : rest.split("/").length,
  };
};

class FilePattern {
  readonly text: string;
  wasUsed = false;
  readonly #matches: Matches;
  readonly #spells: Matches;
  readonly #isName: boolean;
  readonly #isDirectory: boolean;

  constructor(text: string) {
    this.text = text;
    const pattern = slashes(text).replace(/^(?:\.?\/)+/, "");
    const bare = pattern.replace(/\/+$/, "");
    this.#isDirectory = bare !== pattern;
    // As in .gitignore, a slash at the start or in the middle ties the pattern to the directory that is searched.
    this.#isName = !slashes(text).replace(/\/+$/, "").includes("/");
    this.#matches = picomatch(bare, { nocase: true });
    this.#spells = spelling(bare);
  }

  /** Tells whether a file, or a directory above it, matches. */
  matches(file: string, isDirectory: boolean): boolean {
    const paths = withParents(file);
    const found = paths.some((one, index) => {
      const mayMatch = !this.#isDirectory || isDirectory || index < paths.length - 1;
      return mayMatch && this.#matches(this.#isName ? baseName(one) : one);
    });
    this.wasUsed ||= found;
    return found;
  }

  spells(file: string): boolean {
    return this.#spells(this.#isName ? baseName(file) : file);
  }
}

/** Which files to take from directories and globs. A file that is named itself is always taken. */
export interface FilePatternOptions {
  /**
   * Take only files that match one of these patterns. As in `.gitignore`, a pattern without a slash is for names at any
   * depth, one with a slash for paths from the directory that was named, and a directory that matches stands for all
   * below it; upper and lower case are the same. A pattern that spells the name of a hidden file or directory, or of
   * `node_modules`, brings it back.
   * @default every file
   */
  include?: readonly string[] | undefined;
  /** Leave out files and directories that match one of these patterns, even if `include` takes them. @default none */
  exclude?: readonly string[] | undefined;
}

const pattern = z
  .string()
  .refine((text) => text.trim() !== "", "expected a pattern such as *.pdf, got a blank one")
  .refine(
    (text) => !/^!(?!\()/.test(text),
    "a pattern has no leading !: include and exclude say what it is for",
  );

export const filePatternShape = {
  include: z.array(pattern).readonly().optional(),
  exclude: z.array(pattern).readonly().optional(),
};

/**
 * Decides by patterns which files of a directory are taken: those that match `include`, if it has patterns, and do not
 * match `exclude`.
 */
export class FilePatterns {
  readonly #include: readonly FilePattern[];
  readonly #exclude: readonly FilePattern[];

  constructor({ include = [], exclude = [] }: FilePatternOptions = {}) {
    this.#include = include.map((text) => new FilePattern(text));
    this.#exclude = exclude.map((text) => new FilePattern(text));
  }

  /** Whether there are any patterns. */
  get areAny(): boolean {
    return this.#include.length + this.#exclude.length > 0;
  }

  /** @param file relative to the directory that is searched, with `/` */
  takes(file: string): boolean {
    // Each pattern is tried, so that those without any match are known.
    const isIncluded = this.#include.filter((pattern) => pattern.matches(file, false)).length > 0;
    return (this.#include.length === 0 || isIncluded) && !this.#excludes(file, false);
  }

  /** Tells whether all that is in a directory is left out. */
  closes(directory: string): boolean {
    return this.#excludes(directory, true);
  }

  /** Tells whether a name that is otherwise left out is asked for. */
  asksFor(file: string): boolean {
    return this.#include.some((pattern) => pattern.spells(file));
  }

  /** The patterns that no file has matched so far. */
  get unmatched(): string[] {
    return [...this.#include, ...this.#exclude].filter(({ wasUsed }) => !wasUsed).map(({ text }) => text);
  }

  #excludes(file: string, isDirectory: boolean): boolean {
    return this.#exclude.filter((pattern) => pattern.matches(file, isDirectory)).length > 0;
  }
}
