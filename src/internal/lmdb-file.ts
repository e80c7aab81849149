import { execFile } from "node:child_process";
import { type FileHandle, open, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { messageOf, UnsiloedError } from "../errors.js";

const run = promisify(execFile);

/** Where things stand in a meta page of lmdb 3 (data version 2): see `MDB_meta` of LMDB's mdb.c. */
const MAGIC = { at: 0x18, is: 0xbeefc0de };
const PAGE_SIZE_AT = 0x30;
const LAST_PAGE_AT = 0x90;
const TRANSACTION_AT = 0x98;
const META_BYTES = 0xa0;

const CHECKS_AGAIN = 2;
const CHECK_PAUSE_MS = 50;

const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && Reflect.get(thrown, "code") === "ENOENT";

const readAt = async (file: FileHandle, position: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(META_BYTES), 0, META_BYTES, position);
  return buffer.subarray(0, bytesRead);
};

const isMeta = (page: Buffer): boolean =>
  page.length === META_BYTES && page.readUInt32LE(MAGIC.at) === MAGIC.is;

const WALK = `
  const { open } = await import(process.argv[1]);
  const options = { encoding: "binary", keyEncoding: "binary" };
  const root = open({ path: process.argv[2], noSubdir: false, readOnly: true, ...options });
  for (const key of root.getKeys()) for (const _ of root.openDB({ name: key.toString(), ...options }).getRange()) {}
`;

/** Reads everything in another process, because reading a damaged file may end the one that does. */
const canBeRead = async (directory: string): Promise<boolean> => {
  const args = ["--input-type=module", "-e", WALK, import.meta.resolve("lmdb"), directory];
  return run(process.execPath, args).then(
    () => true,
    () => false,
  );
};

/** What is wrong with a database file, as far as its first pages and its length tell. */
const problemOf = async (file: FileHandle, directory: string): Promise<string | undefined> => {
  const first = await readAt(file, 0);
  if (first.length === 0) return undefined;
  if (!isMeta(first)) return "this is no database of LMDB, or it is damaged";
  const pageSize = first.readUInt32LE(PAGE_SIZE_AT);
  const second = await readAt(file, pageSize);
  if (!isMeta(second)) return "the database is damaged or cut short";
  const newer = [first, second].reduce((a, b) =>
    b.readBigUInt64LE(TRANSACTION_AT) > a.readBigUInt64LE(TRANSACTION_AT) ? b : a,
  );
  const expected = (newer.readBigUInt64LE(LAST_PAGE_AT) + 1n) * BigInt(pageSize);
  // Asked last, as others may be writing: the file only grows.
  const { size } = await file.stat();
  // A file may end early where its last pages were given back before they were ever written.
  if (BigInt(size) >= expected || (await canBeRead(directory))) return undefined;
  return `the database is cut short: ${size} of ${expected} bytes`;
};

/**
 * Refuses a database file that was cut short or overwritten: LMDB maps the file into memory and trusts it, so that
 * reading such a file ends the process instead of giving an error. Damage deeper inside is not looked for.
 *
 * @throws UnsiloedError `LEDGER_CORRUPT`
 */
export const checkLmdbFile = async (directory: string): Promise<void> => {
  const name = path.join(directory, "data.mdb");
  let file: FileHandle;
  try {
    file = await open(name);
  } catch (thrown) {
    if (isMissing(thrown)) return;
    throw thrown;
  }
  try {
    let problem = await problemOf(file, directory);
    // Another process may be just about to make the file, or to write the very pages that were read.
    for (let again = 0; problem !== undefined && again < CHECKS_AGAIN; again++) {
      await delay(CHECK_PAUSE_MS);
      problem = await problemOf(file, directory);
    }
    if (problem === undefined) return;
    throw new UnsiloedError(
      "LEDGER_CORRUPT",
      `${name}: ${problem}; put back a copy, or move it away to begin anew`,
    );
  } finally {
    await file.close();
  }
};

/** More than a database begins with. */
const FIRST_BYTES = 64 * 1024;

/**
 * Refuses to begin a database where the disk has no room for its first pages: lmdb 3.5 ends the process then.
 *
 * @throws UnsiloedError `LEDGER_FAILED`
 */
export const checkRoom = async (directory: string): Promise<void> => {
  const size = await stat(path.join(directory, "data.mdb")).then(
    (found) => found.size,
    () => 0,
  );
  if (size >= FIRST_BYTES) return;
  const probe = path.join(directory, `.room-${crypto.randomUUID()}`);
  try {
    await writeFile(probe, Buffer.alloc(FIRST_BYTES));
  } catch (cause) {
    const reason = messageOf(cause);
    throw new UnsiloedError("LEDGER_FAILED", `${directory}: is there room on the disk? ${reason}`, { cause });
  } finally {
    await rm(probe, { force: true });
  }
};
