import { execFile } from "node:child_process";
import { copyFile, type FileHandle, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { messageOf, UnsiloedError } from "../../errors.js";
import { resolveInstalled } from "../installed.js";
import { propertyOf } from "../objects.js";

const run = promisify(execFile);

const FILE_NAME = "data.mdb";

/** Positions in a meta page of lmdb 3 (data version 2): see `MDB_meta` in LMDB's mdb.c. */
const MAGIC = { at: 0x18, is: 0xbeefc0de };
const PAGE_SIZE_AT = 0x30;
const LAST_PAGE_AT = 0x90;
const TRANSACTION_AT = 0x98;
const META_BYTES = 0xa0;

const CHECKS_AGAIN = 2;
const CHECK_PAUSE_MS = 50;

const isMissing = (thrown: unknown): boolean => propertyOf(thrown, "code") === "ENOENT";

const readAt = async (file: FileHandle, position: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(META_BYTES), 0, META_BYTES, position);
  return buffer.subarray(0, bytesRead);
};

const isMeta = (page: Buffer): boolean =>
  page.length === META_BYTES && page.readUInt32LE(MAGIC.at) === MAGIC.is;

const WALK = `
  const [, lmdb, path, how] = process.argv;
  const { open } = await import(lmdb);
  const options = { encoding: "binary", keyEncoding: "binary" };
  const root = open({ path, noSubdir: false, readOnly: how === "read", eventTurnBatching: false, ...options });
  for (const name of [...root.getKeys()]) {
    const table = root.openDB({ name: name.toString(), ...options });
    if (how === "read") for (const _ of table.getRange()) {}
    if (how === "read") continue;
    const entries = [...table.getRange()].map(({ key, value }) => [Buffer.from(key), Buffer.from(value)]);
    const write = (work) => root.transaction(() => entries.forEach(work));
    await write(([key, value]) => void table.put(key, Buffer.concat([value, Buffer.alloc(5000)])));
    await write(([key]) => void table.remove(key));
    await write(([key, value]) => void table.put(key, value));
  }
  await root.close();
`;

/** Tries to read everything, and perhaps to write, in another process, because a damaged file may end the process. */
const canBeUsed = async (directory: string, how: "read" | "write"): Promise<boolean> => {
  const args = [
    "--input-type=module",
    "-e",
    WALK,
    pathToFileURL(resolveInstalled("lmdb")).href,
    directory,
    how,
  ];
  return run(process.execPath, args).then(
    () => true,
    () => false,
  );
};

/** Returns what is wrong with a database file, judged by its first pages and its length. */
const problemOf = async (file: FileHandle, directory: string): Promise<string | undefined> => {
  const first = await readAt(file, 0);
  if (first.length === 0) return undefined;
  if (!isMeta(first)) return "this is not a database of LMDB, or it is damaged";
  const pageSize = first.readUInt32LE(PAGE_SIZE_AT);
  const second = await readAt(file, pageSize);
  if (!isMeta(second)) return "the database is damaged or cut short";
  const newer = [first, second].reduce((a, b) =>
    b.readBigUInt64LE(TRANSACTION_AT) > a.readBigUInt64LE(TRANSACTION_AT) ? b : a,
  );
  const expected = (newer.readBigUInt64LE(LAST_PAGE_AT) + 1n) * BigInt(pageSize);
  // Asked last, as other processes may be writing: the file only grows.
  const { size } = await file.stat();
  // A file may end early when its last pages were freed before they were ever written.
  if (BigInt(size) >= expected || (await canBeUsed(directory, "read"))) return undefined;
  return `the database is cut short: ${size} of ${expected} bytes`;
};

/**
 * Refuses a database file that was cut short or overwritten: LMDB maps the file into memory and trusts it, so that
 * reading such a file ends the process instead of giving an error. Damage deeper inside is not detected.
 *
 * @param advice what to do about a damaged file
 * @throws UnsiloedError `LEDGER_CORRUPT`
 */
export const checkLmdbFile = async (directory: string, advice: string): Promise<void> => {
  const name = path.join(directory, FILE_NAME);
  let file: FileHandle;
  try {
    file = await open(name);
  } catch (thrown) {
    if (isMissing(thrown)) return;
    throw thrown;
  }
  try {
    let problem = await problemOf(file, directory);
    // Another process may be creating the file, or writing the pages that were read.
    for (let again = 0; problem !== undefined && again < CHECKS_AGAIN; again++) {
      await delay(CHECK_PAUSE_MS);
      problem = await problemOf(file, directory);
    }
    if (problem === undefined) return;
    throw new UnsiloedError("LEDGER_CORRUPT", `${name}: ${problem}; ${advice}`);
  } finally {
    await file.close();
  }
};

/**
 * Renames a database that is damaged anywhere, so that another can be created in its place. Reads all of it, and tries
 * writing on a copy, and so finds what {@link checkLmdbFile} does not detect.
 *
 * @returns where the damaged file is now; `undefined` when there is none
 */
export const setAsideDamaged = async (directory: string): Promise<string | undefined> => {
  const name = path.join(directory, FILE_NAME);
  const copy = path.join(directory, `.check-${crypto.randomUUID()}`);
  try {
    await mkdir(copy);
    await copyFile(name, path.join(copy, FILE_NAME));
    if (await canBeUsed(copy, "write")) return undefined;
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  const aside = `${name}.damaged-${Date.now()}`;
  await rename(name, aside);
  await rm(path.join(directory, "lock.mdb"), { force: true });
  return aside;
};

/** More than an empty database takes. */
const FIRST_BYTES = 64 * 1024;

/**
 * Refuses to create a database where the disk has no space for its first pages: lmdb 3.5 would end the process.
 *
 * @throws UnsiloedError `LEDGER_FAILED`
 */
export const checkFreeSpace = async (directory: string): Promise<void> => {
  const size = await stat(path.join(directory, FILE_NAME)).then(
    (found) => found.size,
    () => 0,
  );
  if (size >= FIRST_BYTES) return;
  const probe = path.join(directory, `.space-${crypto.randomUUID()}`);
  try {
    await writeFile(probe, Buffer.alloc(FIRST_BYTES));
  } catch (cause) {
    const reason = messageOf(cause);
    throw new UnsiloedError("LEDGER_FAILED", `${directory}: is the disk full? ${reason}`, { cause });
  } finally {
    await rm(probe, { force: true });
  }
};
