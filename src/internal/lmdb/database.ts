import { realpath } from "node:fs/promises";
import path from "node:path";
import type { Database, RootDatabase } from "lmdb";
import { messageOf, UnsiloedError } from "../../errors.js";
import { makeDirectory } from "../make-directory.js";
import { checkLmdbFile, checkRoom } from "./integrity-check.js";

/** Keys and values as bytes: what is in them is the caller's to encode and to check. */
export type LmdbTable = Database<Buffer, Buffer>;

const PAGE_BYTES = 4096;

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

/** What LMDB itself says of a commit that failed; it comes in a promise that must not be left unobserved. */
const reasonOf = async (thrown: unknown): Promise<unknown> => {
  const reason: unknown = thrown instanceof Error ? Reflect.get(thrown, "commitError") : undefined;
  if (!(reason instanceof Promise)) return thrown;
  let onTime: NodeJS.Timeout | undefined;
  const late = new Promise<unknown>((resolve) => {
    onTime = setTimeout(() => resolve(thrown), 100);
  });
  const told = reason.then(
    () => thrown,
    (error: unknown) => error,
  );
  return Promise.race([told, late]).finally(() => clearTimeout(onTime));
};

/** An open database, which all that open its directory in this process have in common. */
interface Shared {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly tables: ReadonlyMap<string, LmdbTable>;
  users: number;
  broken?: UnsiloedError;
}

/** By directory. What is being opened or closed is here too: whoever comes meanwhile waits for it. */
const shared = new Map<string, Promise<Shared | undefined>>();

/** Tables are opened before anything is written: opening one waits for the writer, who waits for this thread. */
const openRoot = async (directory: string, names: readonly string[], mending: string): Promise<Shared> => {
  const { open } = await load();
  await checkLmdbFile(directory, mending);
  await checkRoom(directory);
  const encodings = { encoding: "binary", keyEncoding: "binary" } as const;
  // Not the default for names with a dot, and a promise that resolves once the commit is on the disk.
  const options = { path: directory, noSubdir: false, overlappingSync: false, pageSize: PAGE_BYTES };
  // Batches of an event's turn have a promise of their own that lmdb hands to nobody: when a commit fails, it is
  // rejected unobserved, which ends the process. Transactions of the same moment share a commit without them.
  const root = open<Buffer, Buffer>({ ...options, ...encodings, eventTurnBatching: false, maxDbs: 8 });
  const tables = names.map((name) => [name, root.openDB<Buffer, Buffer>({ name, ...encodings })] as const);
  return { root, tables: new Map(tables), users: 0 };
};

/** @returns the open database, with one user more */
const join = async (directory: string, names: readonly string[], mending: string): Promise<Shared> => {
  for (;;) {
    const known = shared.get(directory);
    const opening = known ?? openRoot(directory, names, mending);
    if (!known) shared.set(directory, opening);
    try {
      const file = await opening;
      if (!file) continue;
      file.users += 1;
      return file;
    } catch (thrown) {
      if (shared.get(directory) === opening) shared.delete(directory);
      throw thrown;
    }
  }
};

/** The error for what LMDB says of a file whose pages are not what they should be; `undefined` for anything else. */
const damaged = (cause: unknown, directory: string, mending: string): UnsiloedError | undefined => {
  const [, what] = /^MDB_(BAD_TXN|CORRUPTED|INVALID|PAGE_NOTFOUND|PANIC)\b/.exec(messageOf(cause)) ?? [];
  if (what === undefined) return undefined;
  const message = `the database in ${directory} is damaged (MDB_${what}); ${mending}`;
  return new UnsiloedError("LEDGER_CORRUPT", message, { cause });
};

const nothing = (): undefined => undefined;

const leave = async (directory: string, file: Shared): Promise<void> => {
  file.users -= 1;
  if (file.users > 0) return;
  const closing = file.root.close().finally(() => shared.delete(directory));
  const closed = closing.then(nothing, nothing);
  shared.set(directory, closed);
  await closing;
};

/**
 * An LMDB database in a directory, which several processes of one machine may have open at once, each several
 * times. Not for network file systems, which lack the memory maps and locks it is built on.
 *
 * Within a process all share what is open, since two writers in one process would wait for each other for ever.
 *
 * Every write goes through {@link write}. Of the other ways that lmdb 3.5 offers, `put` leaves a rejected promise
 * behind when the disk is full, which ends a Node.js process; `transactionSync` corrupts memory then, and reports
 * success with its flag for commits that cannot be aborted.
 */
export class LmdbFile {
  readonly #directory: string;
  readonly #shared: Shared;
  readonly #mending: string;
  readonly #pending = new Set<Promise<unknown>>();
  #closed = false;

  private constructor(directory: string, file: Shared, mending: string) {
    this.#directory = directory;
    this.#shared = file;
    this.#mending = mending;
  }

  /**
   * @param tables names of all tables; the same wherever the directory is opened
   * @param mending what to do about a damaged file, for the error
   * @throws UnsiloedError `MISSING_PACKAGE`; `LEDGER_CORRUPT` when the file is none of LMDB or cut short, which
   *   would end the process on the first read; `LEDGER_FAILED` when the directory cannot be used
   */
  static async open(
    directory: string,
    tables: readonly string[],
    mending = "put back a copy, or move it away to begin anew",
  ): Promise<LmdbFile> {
    const root = path.resolve(directory);
    try {
      await makeDirectory(root);
      const place = await realpath(root);
      return new LmdbFile(place, await join(place, tables, mending), mending);
    } catch (cause) {
      if (cause instanceof UnsiloedError) throw cause;
      throw (
        damaged(cause, root, mending) ??
        new UnsiloedError("LEDGER_FAILED", `${root}: cannot be opened: ${messageOf(cause)}`, { cause })
      );
    }
  }

  table(name: string): LmdbTable {
    const table = this.#shared.tables.get(name);
    if (table) return table;
    throw new UnsiloedError("LEDGER_FAILED", `${this.#directory}: opened without the table "${name}"`);
  }

  /** Bytes that the entries of a table take in the file. */
  static size(table: LmdbTable): number {
    const stats = table.getStats();
    const pages = ["treeBranchPageCount", "treeLeafPageCount", "overflowPages"];
    return pages.reduce((sum, name) => sum + Number(Reflect.get(stats, name)), 0) * PAGE_BYTES;
  }

  /**
   * Runs `work`, which reads tables at once, without `await`, and sees all that any process has committed.
   *
   * @throws UnsiloedError `LEDGER_CORRUPT` when the file is damaged where it is read; damage may also end the process
   */
  read<T>(work: () => T): T {
    this.#assertOpen();
    try {
      this.#shared.root.resetReadTxn();
      return work();
    } catch (thrown) {
      throw damaged(thrown, this.#directory, this.#mending) ?? thrown;
    }
  }

  /**
   * Runs `work` in a write transaction: alone among all processes, whole or not at all. Calls of the same moment
   * share a commit.
   *
   * @param work reads and writes tables at once, without `await`; it must not throw, as a transaction shared with
   *   others cannot be undone
   * @returns what `work` returned, once it is on the disk
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
        damaged(cause, this.#directory, this.#mending) ??
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

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    await leave(this.#directory, this.#shared);
  }

  #assertOpen(): void {
    if (this.#closed) throw new UnsiloedError("LEDGER_FAILED", "the database is closed; open it again");
  }
}

/** The first clause of what LMDB says; the rest are addresses in memory. A full disk shows as several errors. */
const describe = (cause: unknown): string => {
  const [reason = ""] = messageOf(cause).split(": Attempting");
  return `${reason.startsWith("Commit failed") ? "the commit failed" : reason}; is there room on the disk?`;
};
