import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { UnsiloedError } from "../src/errors.js";
import { streamBatches } from "../src/internal/batching.js";
import { notReadable } from "../src/parse-api/jobs/file-input.js";
import { fileProblem, SUPPORTED_EXTENSIONS } from "../src/parse-api/jobs/file-types.js";
import { type FilePatternOptions, FilePatterns, isGlob, openGlob } from "./files/file-patterns.js";
import { nothingSkipped, type SkippedFiles } from "./files/skipped-files.js";
import { type Walked, type WalkRules, walk } from "./files/walk.js";

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

const look = async (file: string, kind: FileKind, known?: string): Promise<FoundFile> => {
  try {
    const { size } = await stat(file);
    const realPath = known ?? (await realpath(file));
    return { file, realPath, bytes: size, problem: kind.problemOf(file, size) };
  } catch (cause) {
    return { file, realPath: path.resolve(file), problem: notReadable(file, cause) };
  }
};

const nothing = (named: string, found: string, { expected }: FileKind): FoundFile => ({
  file: named,
  realPath: path.resolve(named),
  problem: new UnsiloedError("FILE_NOT_FOUND", `${named}: ${found}; expected ${expected}`, { source: named }),
});

/** Files whose sizes are asked for at once. */
const LOOKED_AT = 64;

async function* orElse(found: AsyncIterable<FoundFile>, otherwise: () => FoundFile) {
  let isEmpty = true;
  for await (const one of found) {
    isEmpty = false;
    yield one;
  }
  if (isEmpty) yield otherwise();
}

/** One search for files by several names, with the patterns that hold for its directories and globs. */
export class FileSearch {
  readonly #kind: FileKind;
  readonly #patterns: FilePatterns;
  readonly #skipped = nothingSkipped();

  constructor(options: FilePatternOptions = {}, kind: FileKind = DOCUMENTS) {
    this.#kind = kind;
    this.#patterns = new FilePatterns(options);
  }

  /** What the search has not taken so far. */
  get skipped(): SkippedFiles {
    return { ...this.#skipped, unmatchedPatterns: this.#patterns.unmatched };
  }

  /** Finds all that a name stands for. */
  async find(named: string): Promise<FoundFile[]> {
    const found: FoundFile[] = [];
    for await (const one of this.stream(named)) found.push(one);
    return found;
  }

  /**
   * Finds what a name stands for, as it is needed: a file; all files below a directory; or the matches of a glob. In the
   * last two, each file is found once, and files of another kind, hidden ones and what else is no document are passed
   * over. What a user named and is not there is part of the answer, as a problem.
   */
  async *stream(named: string): AsyncGenerator<FoundFile> {
    // A file may have a name that looks like a pattern, such as "report [final].pdf".
    const found = await stat(named).catch(() => undefined);
    if (found?.isDirectory()) yield* this.#inDirectory(named);
    else if (!found && isGlob(named)) yield* this.#byGlob(named);
    else yield await look(named, this.#kind);
  }

  #inDirectory(directory: string): AsyncGenerator<FoundFile> {
    return orElse(this.#walk(directory, {}), () =>
      nothing(directory, `the directory holds no ${this.#what}`, this.#kind),
    );
  }

  async *#byGlob(glob: string): AsyncGenerator<FoundFile> {
    const { base, matches, spells, depth } = openGlob(glob);
    let matched = 0;
    const takes = (file: string): boolean => {
      const isMatch = matches(file);
      if (isMatch) matched += 1;
      return isMatch && this.#patterns.takes(file);
    };
    const isThere = (await stat(base).catch(() => undefined))?.isDirectory();
    const asksFor = (name: string) => spells(name) || this.#patterns.asksFor(name);
    const nothingMatched = () =>
      nothing(glob, matched > 0 ? `no match is a ${this.#what}` : "matches no file", this.#kind);
    if (isThere) yield* orElse(this.#walk(base, { takes, asksFor, depth }), nothingMatched);
    else yield nothingMatched();
  }

  get #what(): string {
    return this.#kind.what + (this.#patterns.areAny ? " and that include and exclude take" : "");
  }

  async *#walk(root: string, own: Partial<WalkRules>): AsyncGenerator<FoundFile> {
    const patterns = this.#patterns;
    const walked = walk(root, {
      takes: (file) => patterns.takes(file),
      closes: (directory) => patterns.closes(directory),
      asksFor: (name) => patterns.asksFor(name),
      isWanted: this.#kind.includes,
      depth: Number.POSITIVE_INFINITY,
      skipped: this.#skipped,
      ...own,
    });
    const lookAt = async (one: Walked): Promise<FoundFile> => {
      if ("file" in one) return look(one.file, this.#kind, one.real);
      const { unreadable: file, cause } = one;
      return { file, realPath: path.resolve(file), problem: notReadable(file, cause) };
    };
    for await (const batch of streamBatches(walked, LOOKED_AT)) yield* await Promise.all(batch.map(lookAt));
  }
}
