import { execFile } from "node:child_process";
import { open, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { LmdbFile } from "../../../src/internal/lmdb/database.js";
import { setAsideDamaged } from "../../../src/internal/lmdb/integrity-check.js";
import { temporaryDirectory } from "../../support/parse-service.js";

const PAGE = 4096;
const ADVICE = "do this and that";

/** Makes a database of many pages, and closes it. */
const filled = async (): Promise<string> => {
  const directory = await temporaryDirectory();
  const file = await LmdbFile.open(directory, ["table"]);
  const table = file.table("table");
  await file.write(() => {
    for (let n = 0; n < 300; n++) table.put(Buffer.from(`key ${n}`), Buffer.alloc(200, n));
  });
  await file.close();
  return directory;
};

/** Overwrites all pages except the first two, which are the only ones that opening a database reads. */
const damage = async (directory: string, byte: number): Promise<void> => {
  const file = await open(path.join(directory, "data.mdb"), "r+");
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 2 * PAGE, byte), 0, size - 2 * PAGE, 2 * PAGE);
  await file.close();
};

const BUILT = new URL("../../../dist/src/internal/lmdb/database.js", import.meta.url);

/** Reads and writes in a separate process. @returns the error, or that lmdb ended the process */
const use = async (directory: string): Promise<string> => {
  const program = `
    const [, built, directory, advice] = process.argv;
    const { LmdbFile } = await import(built);
    try {
      const file = await LmdbFile.open(directory, ["table"], advice);
      const table = file.table("table");
      file.read(() => [...table.getRange()]);
      await file.write(() => table.put(Buffer.from("key"), Buffer.from("value")));
      console.log("nothing was noticed");
    } catch ({ code, message }) {
      console.log(code, message);
    }
    process.exit(0);`;
  const args = ["--input-type=module", "--eval", program, BUILT.href, directory, ADVICE];
  return promisify(execFile)(process.execPath, args).then(
    ({ stdout }) => stdout.trim(),
    ({ signal }) => (signal ? "ended" : "failed in another way"),
  );
};

describe("a database that is damaged after its first pages", () => {
  it.each([0x00, 0xff])("is reported by reads and writes, with what to do (byte %i)", async (byte) => {
    const ends: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const directory = await filled();
      await damage(directory, byte);
      ends.push(await use(directory));
    }
    // lmdb may detect the damage at any point or end the process. But the damage must never be reported as a full disk,
    // or without advice.
    const told = ends.filter((end) => end !== "ended");
    expect(told.length).toBeGreaterThan(0);
    for (const end of told) expect(end).toMatch(new RegExp(`^LEDGER_CORRUPT .*${ADVICE}`));
  });

  it("is moved away, and an undamaged one is not", async () => {
    const directory = await filled();
    const before = await readFile(path.join(directory, "data.mdb"));
    expect(await setAsideDamaged(directory)).toBeUndefined();
    expect(await readFile(path.join(directory, "data.mdb"))).toEqual(before);

    await damage(directory, 0xff);
    const aside = await setAsideDamaged(directory);
    expect(aside).toMatch(/data\.mdb\.damaged-\d+$/);
    expect(await readdir(directory)).toEqual([path.basename(aside ?? "")]);
    expect(await setAsideDamaged(directory)).toBeUndefined();
  });
});
