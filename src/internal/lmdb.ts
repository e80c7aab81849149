import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Database, RootDatabase } from "lmdb";
import { messageOf, UnsiloedError } from "../errors.js";
import { checkLmdbFile } from "./lmdb-file.js";

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

/**
 * An LMDB database in a directory, which several processes of one machine may have open at once. Not for network
 * file systems, which lack the memory maps and locks it is built on.
 *
 * Every write goes through {@link write}. Of the other ways that lmdb 3.5 offers, `put` leaves a rejected promise
 * behind when the disk is full, which ends a Node.js process; `transactionSync` corrupts memory then, and reports
 * success with its flag for commits that cannot be aborted.
 */
export class LmdbFile {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #pending = new Set<Promise<unknown>>();
  #broken: UnsiloedError | undefined;
  #closed = false;

  private constructor(root: RootDatabase<Buffer, Buffer>) {
    this.#root = root;
  }

  /**
   * @throws UnsiloedError `MISSING_PACKAGE`; `LEDGER_CORRUPT` when the file is none of LMDB or cut short, which
   *   would end the process on the first read; `LEDGER_FAILED` when the directory cannot be used
   */
  static async open(directory: string): Promise<LmdbFile> {
    const { open } = await load();
    const root = path.resolve(directory);
    try {
      await mkdir(root, { recursive: true });
      await checkLmdbFile(root);
      // Not the default for names with a dot, and a promise that resolves once the commit is on the disk.
      const options = { path: root, noSubdir: false, overlappingSync: false, pageSize: PAGE_BYTES };
      return new LmdbFile(open({ ...options, encoding: "binary", keyEncoding: "binary", maxDbs: 8 }));
    } catch (cause) {
      if (cause instanceof UnsiloedError) throw cause;
      throw new UnsiloedError("LEDGER_FAILED", `${root}: cannot be opened: ${messageOf(cause)}`, { cause });
    }
  }

  table(name: string): LmdbTable {
    return this.#root.openDB<Buffer, Buffer>({ name, encoding: "binary", keyEncoding: "binary" });
  }

  /** Bytes that the entries of a table take in the file. */
  static size(table: LmdbTable): number {
    const stats = table.getStats();
    const pages = ["treeBranchPageCount", "treeLeafPageCount", "overflowPages"];
    return pages.reduce((sum, name) => sum + Number(Reflect.get(stats, name)), 0) * PAGE_BYTES;
  }

  /** Makes reads see what other processes have committed up to now. */
  refresh(): void {
    this.#assertOpen();
    this.#root.resetReadTxn();
  }

  /**
   * Runs `work` in a write transaction: alone among all processes, whole or not at all. Calls of the same moment
   * share a commit.
   *
   * @param work reads and writes tables at once, without `await`; it must not throw, as a transaction shared with
   *   others cannot be undone
   * @returns what `work` returned, once it is on the disk
   * @throws UnsiloedError `LEDGER_FAILED`; from then on for every write, as lmdb is not safe to use after one failed
   */
  async write<T>(work: () => T): Promise<T> {
    this.#assertOpen();
    if (this.#broken) throw this.#broken;
    const writing = this.#root.transaction(work);
    this.#pending.add(writing);
    try {
      return await writing;
    } catch (thrown) {
      const cause = await reasonOf(thrown);
      this.#broken ??= new UnsiloedError(
        "LEDGER_FAILED",
        `the database could not be written, and is left as it was: ${describe(cause)}`,
        { cause },
      );
      throw this.#broken;
    } finally {
      this.#pending.delete(writing);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    await this.#root.close();
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
