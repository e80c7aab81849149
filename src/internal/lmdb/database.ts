import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Database, RootDatabase } from "lmdb";
import { messageOf, UnsiloedError } from "../../errors.js";
import { makeDirectory } from "../make-directory.js";
import { propertyOf } from "../objects.js";
import { checkFreeSpace, checkLmdbFile } from "./integrity-check.js";

/** Keys and values as bytes: what is in them is the caller's to encode and to check. */
export type LmdbTable = Database<Buffer, Buffer>;

const PAGE_BYTES = 4096;

/** How lmdb opens tables: the transaction is not a child of another one, and ends with its commit. */
const SYNCHRONOUS_COMMIT = 2;

const ADVICE = "restore a copy, or move it away to start with an empty one";

const load = async (): Promise<typeof import("lmdb")> => {
  try {
    return await import("lmdb");
  } catch (cause) {
    throw new UnsiloedError(
      "MISSING_PACKAGE",
      `the database package "lmdb" cannot be loaded: run "npm install" without --omit=optional, ` +
        `which brings its binary for ${process.platform}-${process.arch}`,
      { cause },
    );
  }
};

/** Returns LMDB's own reason why a commit failed; it comes in a promise that must not be left unobserved. */
const reasonOf = async (thrown: unknown): Promise<unknown> => {
  const reason = propertyOf(thrown, "commitError");
  if (!(reason instanceof Promise)) return thrown;
  let onTime: NodeJS.Timeout | undefined;
  const late = new Promise<unknown>((resolve) => {
    onTime = setTimeout(() => resolve(thrown), 100);
  });
  const known = reason.then(
    () => thrown,
    (error: unknown) => error,
  );
  return Promise.race([known, late]).finally(() => clearTimeout(onTime));
};

/** An open database, which everything that opens its directory in this process shares. */
interface Shared {
  /** Under which it is shared. */
  readonly key: string;
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly tables: ReadonlyMap<string, LmdbTable>;
  users: number;
  broken?: UnsiloedError;
}

/** How a database is opened. */
interface OpenSettings {
  key: string;
  advice: string;
  readOnly: boolean;
}

/** Databases by directory and mode, including those that are being opened or closed, so that others wait for that. */
const shared = new Map<string, Promise<Shared | undefined>>();

/**
 * Opens a database and all of its tables. Opening a table later could deadlock: it waits for the writer, which waits for
 * this thread.
 */
const openRoot = async (
  directory: string,
  names: readonly string[],
  { key, advice, readOnly }: OpenSettings,
): Promise<Shared> => {
  const { open } = await load();
  await checkLmdbFile(directory, advice);
  if (!readOnly) await checkFreeSpace(directory);
  const encodings = { encoding: "binary", keyEncoding: "binary" } as const;
  // Not the default for names with a dot, and a promise that resolves once the commit is on the disk.
  const options = {
    path: directory,
    noSubdir: false,
    overlappingSync: false,
    pageSize: PAGE_BYTES,
    readOnly,
  };
  // Batches of an event's turn have a promise of their own that lmdb hands to nobody: when a commit fails, it is
  // rejected unobserved, which ends the process. Transactions of the same moment share a commit without them.
  const root = open<Buffer, Buffer>({ ...options, ...encodings, eventTurnBatching: false, maxDbs: 8 });
  const tables = new Map<string, LmdbTable>();
  const openTables = (): void => {
    for (const name of names) {
      // Opened to be read, a table that does not exist is `undefined`, which the types leave out.
      const table: LmdbTable | undefined = root.openDB<Buffer, Buffer>({ name, ...encodings });
      if (table) tables.set(name, table);
    }
  };
  if (readOnly) openTables();
  // By itself, each table would be opened by a transaction of its own, which waits for the disk.
  else root.transactionSync(openTables, SYNCHRONOUS_COMMIT);
  return { key, root, tables, users: 0 };
};

/** Opens a database, or returns the one that is open, with one user more. */
const openShared = async (
  directory: string,
  names: readonly string[],
  settings: OpenSettings,
): Promise<Shared> => {
  const { key } = settings;
  for (;;) {
    const known = shared.get(key);
    const opening = known ?? openRoot(directory, names, settings);
    if (!known) shared.set(key, opening);
    try {
      const file = await opening;
      if (!file) continue;
      file.users += 1;
      return file;
    } catch (thrown) {
      if (shared.get(key) === opening) shared.delete(key);
      throw thrown;
    }
  }
};

/** Returns the error for a database whose pages are damaged; `undefined` for any other failure of LMDB. */
const damaged = (cause: unknown, directory: string, advice: string): UnsiloedError | undefined => {
  const [, what] = /^MDB_(BAD_TXN|CORRUPTED|INVALID|PAGE_NOTFOUND|PANIC)\b/.exec(messageOf(cause)) ?? [];
  if (what === undefined) return undefined;
  const message = `the database in ${directory} is damaged (MDB_${what}); ${advice}`;
  return new UnsiloedError("LEDGER_CORRUPT", message, { cause });
};

const notOpened = (cause: unknown, root: string, advice: string): UnsiloedError => {
  if (cause instanceof UnsiloedError) return cause;
  const message = `${root}: cannot be opened: ${messageOf(cause)}`;
  return damaged(cause, root, advice) ?? new UnsiloedError("LEDGER_FAILED", message, { cause });
};

const nothing = (): undefined => undefined;

/** Closes a database when its last user closes it. */
const closeShared = async (file: Shared): Promise<void> => {
  file.users -= 1;
  if (file.users > 0) return;
  const { key } = file;
  const closing = file.root.close().finally(() => shared.delete(key));
  const closed = closing.then(nothing, nothing);
  shared.set(key, closed);
  await closing;
};

/**
 * Opens an LMDB database in a directory, which several processes of one machine may have open at once, each several
 * times. Not for network file systems, which lack the memory maps and locks that LMDB needs.
 *
 * Within a process all users share one open database, since two writers in one process would deadlock.
 *
 * Every write goes through {@link write}. Of the other ways that lmdb 3.5 offers, `put` leaves a rejected promise
 * behind when the disk is full, which ends a Node.js process; `transactionSync` corrupts memory then, and reports
 * success with its flag for commits that cannot be aborted.
 */
export class LmdbFile {
  readonly #directory: string;
  readonly #shared: Shared;
  readonly #advice: string;
  readonly #pending = new Set<Promise<unknown>>();
  #closed = false;

  private constructor(directory: string, file: Shared, advice: string) {
    this.#directory = directory;
    this.#shared = file;
    this.#advice = advice;
  }

  /**
   * @param tables names of all tables; the same wherever the directory is opened
   * @param advice what to do about a damaged file, for the error
   * @throws UnsiloedError `MISSING_PACKAGE`; `LEDGER_CORRUPT` when the file is not a database of LMDB or cut short,
   *   which would end the process on the first read; `LEDGER_FAILED` when the directory cannot be used
   */
  static async open(directory: string, tables: readonly string[], advice = ADVICE): Promise<LmdbFile> {
    const root = path.resolve(directory);
    try {
      await makeDirectory(root);
      const real = await realpath(root);
      const file = await openShared(real, tables, { key: real, advice, readOnly: false });
      return new LmdbFile(real, file, advice);
    } catch (cause) {
      throw notOpened(cause, root, advice);
    }
  }

  /**
   * Opens a database that is only read: nothing is created or written, so that a directory without leave to write will
   * do. Not beside a database of the same directory that this process has open to write.
   *
   * @returns `undefined` when there is no database
   * @throws UnsiloedError as {@link open}
   */
  static async openToRead(
    directory: string,
    tables: readonly string[],
    advice?: string,
  ): Promise<LmdbFile | undefined> {
    const root = path.resolve(directory);
    try {
      const found = await stat(path.join(root, "data.mdb")).catch(nothing);
      if (!found || found.size === 0) return undefined;
      const real = await realpath(root);
      const settings = { key: `${real} to read`, advice: advice ?? ADVICE, readOnly: true };
      const file = await openShared(real, tables, settings);
      if (tables.every((name) => file.tables.has(name))) return new LmdbFile(real, file, settings.advice);
      await closeShared(file);
    } catch (cause) {
      throw notOpened(cause, root, advice ?? ADVICE);
    }
    // An earlier version wrote it, without some of the tables.
    return LmdbFile.open(directory, tables, advice);
  }

  /** Returns a table that was named when the database was opened. */
  table(name: string): LmdbTable {
    const table = this.#shared.tables.get(name);
    if (table) return table;
    throw new UnsiloedError("LEDGER_FAILED", `${this.#directory}: opened without the table "${name}"`);
  }

  /** Returns the bytes that the entries of a table take in the file. */
  static size(table: LmdbTable): number {
    const stats = table.getStats();
    const pages = ["treeBranchPageCount", "treeLeafPageCount", "overflowPages"];
    return pages.reduce((sum, name) => sum + Number(propertyOf(stats, name)), 0) * PAGE_BYTES;
  }

  /**
   * Runs `work`, which reads tables without `await` and sees everything that any process has committed.
   *
   * @throws UnsiloedError `LEDGER_CORRUPT` when the file is damaged where it is read; damage may also end the process
   */
  read<T>(work: () => T): T {
    this.#assertOpen();
    try {
      this.#shared.root.resetReadTxn();
      return work();
    } catch (thrown) {
      throw damaged(thrown, this.#directory, this.#advice) ?? thrown;
    }
  }

  /**
   * Runs `work` in a write transaction: alone among all processes, completely or not at all. Calls made together share
   * a commit.
   *
   * @param work reads and writes tables without `await`; it must not throw, as a transaction shared with others cannot
   *   be undone
   * @returns the result of `work`, once the changes are on the disk
   * @throws UnsiloedError `LEDGER_FAILED` or `LEDGER_CORRUPT`; from then on for every write, as lmdb is not safe to
   *   use after one failed
   */
  async write<T>(work: () => T): Promise<T> {
    this.#assertOpen();
    if (this.#shared.broken) throw this.#shared.broken;
    const writing = this.#shared.root.transaction(work);
    this.#pending.add(writing);
    try {
      return await writing;
    } catch (thrown) {
      const cause = await reasonOf(thrown);
      this.#shared.broken ??=
        damaged(cause, this.#directory, this.#advice) ??
        new UnsiloedError(
          "LEDGER_FAILED",
          `the database could not be written, and is left as it was: ${describe(cause)}`,
          { cause },
        );
      throw this.#shared.broken;
    } finally {
      this.#pending.delete(writing);
    }
  }

  /** Waits for pending writes and closes the database. Closing again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    await closeShared(this.#shared);
  }

  #assertOpen(): void {
    if (this.#closed) throw new UnsiloedError("LEDGER_FAILED", "the database is closed; open it again");
  }
}

/** Returns the first clause of a message of LMDB; the rest are addresses in memory. */
const describe = (cause: unknown): string => {
  const [reason = ""] = messageOf(cause).split(": Attempting");
  return `${reason.startsWith("Commit failed") ? "the commit failed" : reason}; is the disk full?`;
};
