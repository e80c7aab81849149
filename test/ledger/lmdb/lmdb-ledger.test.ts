import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LmdbFile } from "../../../src/internal/lmdb/database.js";
import { newOwner } from "../../../src/ledger/claims.js";
import { LmdbLedger } from "../../../src/ledger/lmdb/lmdb-ledger.js";
import { MemoryLedger } from "../../../src/ledger/memory-ledger.js";
import { describeLedger, entries, failureOf, recordOf, SECRET, stored } from "../../contract/ledger.js";
import { SeededRandom } from "../../support/seeded-random.js";

const run = promisify(execFile);
const module = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "unsiloed-ledger-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describeLedger("MemoryLedger", async (setting) => ({
  ledger: new MemoryLedger(setting),
  close: async () => undefined,
}));

describeLedger("LmdbLedger", async (setting) => {
  const ledger = new LmdbLedger(path.join(directory, "a.b"), setting);
  return {
    ledger,
    reopen: () => new LmdbLedger(path.join(directory, "a.b"), setting),
    close: () => ledger.close(),
  };
});

/** Starts a program that uses the built package. */
const program = async (lines: string): Promise<string> => {
  const file = path.join(directory, `${crypto.randomUUID()}.mjs`);
  await writeFile(
    file,
    `import { LmdbLedger } from ${module("../../../dist/src/ledger/lmdb/lmdb-ledger.js")};
     import { newOwner } from ${module("../../../dist/src/ledger/claims.js")};
     import { newRecord } from ${module("../../../dist/src/ledger/record.js")};
     const record = (docId) => newRecord({ docId, source: docId }, { state: "submitting" }, 0);
     const ledger = new LmdbLedger(${JSON.stringify(path.join(directory, "db"))});
     ${lines}`,
  );
  return file;
};

const withFile = async (work: (file: LmdbFile) => Promise<void>): Promise<void> => {
  const file = await LmdbFile.open(path.join(directory, "db"), ["about", "records", "claims"]);
  await work(file);
  await file.close();
};
const plant = (key: string, value: string, table = "records") =>
  withFile(async (file) => {
    const records = file.table(table);
    await file.write(() => void records.put(Buffer.from(key), Buffer.from(value)));
  });
const open = () => new LmdbLedger(path.join(directory, "db"));

it.each([undefined, "", 5])("LmdbLedger refuses %j as its directory", (given) => {
  expect(() => Reflect.construct(LmdbLedger, [given])).toThrow(/^LmdbLedger: directory: expected /);
});

describe("the index of parses", () => {
  const parse = { contentHash: "c", parseHash: "p" };
  const ids = async (ledger: LmdbLedger) => (await entries(ledger, { parse })).map(({ docId }) => docId);

  it("takes in the records of a database without one, and loses nothing", async () => {
    const records = Array.from({ length: 600 }, (_, n) => (n % 2 ? stored(`${n}`) : recordOf(`${n}`)));
    await withFile(async (file) => {
      const tables = ["about", "records"].map((name) => file.table(name));
      await file.write(() => {
        tables[0]?.put(Buffer.from("schema"), Buffer.from("1"));
        for (const record of records)
          tables[1]?.put(Buffer.from(record.doc_id), Buffer.from(JSON.stringify(record)));
        tables[1]?.put(Buffer.from("damaged"), Buffer.from("{"));
      });
    });
    const ledger = open();
    expect(await ids(ledger)).toHaveLength(600);
    expect(await entries(ledger)).toHaveLength(601);
    expect(await ledger.get("7")).toEqual(records[7]);
    await ledger.close();
    const again = open();
    expect(await ids(again)).toHaveLength(600);
    await again.close();
  });

  it("does not list a record that was damaged and then written with another content", async () => {
    const first = open();
    for (const docId of ["a", "b"]) await first.put(recordOf(docId));
    await first.close();
    await plant("a", "{");
    const ledger = open();
    expect(await ids(ledger)).toEqual(["b"]);
    await ledger.put(recordOf("a", { content_hash: "c2" }));
    expect(await ids(ledger)).toEqual(["b"]);
    await ledger.close();
  });
});

describe("the sums of points in LmdbLedger", () => {
  const listedPoints = async (ledger: LmdbLedger, store: string) => {
    let points = 0;
    for (const { record } of await entries(ledger, { states: ["stored"] }))
      if (record?.store === store) points += record.point_ids.length;
    return points;
  };

  it("are those of the records after any writes and removals, by any process", async () => {
    const seed = crypto.randomUUID();
    const random = new SeededRandom(seed);
    const pick = (most: number) => Math.floor(random.next() * most);
    let [ledger, other] = [open(), open()];
    for (let step = 0; step < 400; step++) {
      const docId = `${pick(20)}.pdf`;
      const change = {
        store: ["a", "b", null][pick(3)] ?? null,
        ...(pick(4) ? {} : { state: "parsed" as const }),
      };
      if (pick(5) === 0) await ledger.delete(docId);
      else await ledger.put({ ...stored(docId, pick(5)), ...change });
      [ledger, other] = [other, ledger];
      if (step % 50 > 0) continue;
      await Promise.all([ledger.close(), other.close()]);
      [ledger, other] = [open(), open()];
      for (const store of ["a", "b", "c"])
        expect(await ledger.countPoints(store), `seed ${seed}`).toBe(await listedPoints(ledger, store));
    }
    await Promise.all([ledger.close(), other.close()]);
  });

  it("are not read from the records once they are known", async () => {
    const first = open();
    await first.put({ ...stored("a.pdf", 3), store: "a" });
    expect(await first.countPoints("a")).toBe(3);
    await first.close();
    await plant("a.pdf", "{");
    const ledger = open();
    expect(await ledger.countPoints("a")).toBe(3);
    await ledger.put({ ...stored("a.pdf", 4), store: "a" });
    expect(await ledger.countPoints("a")).toBe(4);
    await ledger.close();
  });

  it("are counted where a ledger without them is only read", async () => {
    const first = open();
    await first.put({ ...stored("a.pdf", 3), store: "a" });
    await first.close();
    const reader = new LmdbLedger(path.join(directory, "db"), { readOnly: true });
    expect(await reader.countPoints("a")).toBe(3);
    await reader.close();
  });

  it("are right after the process was killed while it wrote", async () => {
    const file = await program(`
      await ledger.countPoints("a");
      console.log("writing");
      for (let n = 0; ; n++)
        await Promise.all([0, 1, 2].map((m) => ledger.put({
          ...record(\`\${n % 50}-\${m}\`), state: "stored", version: "v", store: "a",
          point_ids: Array.from({ length: n % 7 }, (_, p) => String(p)),
        })));`);
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
      for await (const _ of createInterface({ input: child.stdout })) break;
      const writer = open();
      await expect.poll(() => writer.countPoints("a")).toBeGreaterThan(20);
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("close", resolve));
      expect(await writer.countPoints("a")).toBe(await listedPoints(writer, "a"));
      await writer.close();
    }
  });
});

describe("records of LmdbLedger that cannot be read", () => {
  const damaged = ["", "{", "null", "[]", '{"schema":1}', JSON.stringify(recordOf("other.pdf"))];
  it.each(damaged)("are reported, and do not end a list: %j", async (text) => {
    const first = open();
    for (const docId of ["a.pdf", "c.pdf"]) await first.put(stored(docId));
    await first.close();
    await plant("b.pdf", text);
    const ledger = open();
    const error = await failureOf(ledger.get("b.pdf"));
    expect(error.code).toBe("LEDGER_CORRUPT");
    expect(error.message).toContain("b.pdf");
    const listed = await entries(ledger, { states: ["stored"] });
    expect(listed.map(({ docId, problem }) => [docId, problem && "code" in problem && problem.code])).toEqual(
      [
        ["a.pdf", undefined],
        ["b.pdf", "LEDGER_CORRUPT"],
        ["c.pdf", undefined],
      ],
    );
    await ledger.put(stored("b.pdf"));
    expect((await ledger.get("b.pdf"))?.state).toBe("stored");
    await ledger.close();
  });

  it("are not changed when a newer version wrote them", async () => {
    const newer = JSON.stringify({ ...stored("a.pdf"), schema: 2, added: true });
    await plant("a.pdf", newer);
    const ledger = open();
    expect((await failureOf(ledger.get("a.pdf"))).code).toBe("LEDGER_VERSION");
    expect((await failureOf(ledger.put(recordOf("a.pdf")))).code).toBe("LEDGER_VERSION");
    expect((await failureOf(ledger.delete("a.pdf"))).code).toBe("LEDGER_VERSION");
    const [entry] = await entries(ledger);
    expect(entry?.problem).toMatchObject({
      code: "LEDGER_VERSION",
      message: expect.stringMatching(/update/),
    });
    await ledger.close();
  });

  it("make the whole ledger unusable when it is of a newer version", async () => {
    await plant("schema", "2", "about");
    const ledger = open();
    expect((await failureOf(ledger.put(recordOf("a.pdf")))).code).toBe("LEDGER_VERSION");
    await ledger.close();
  });

  it("count as no claim when they are claims", async () => {
    await plant("a.pdf", "rubbish", "claims");
    const ledger = open();
    expect((await ledger.claim("a.pdf", newOwner())).granted).toBe(true);
    await ledger.close();
  });
});

describe("a file of LmdbLedger that is damaged", () => {
  const data = () => path.join(directory, "db", "data.mdb");
  beforeEach(async () => {
    const ledger = open();
    for (let n = 0; n < 60; n++) await ledger.put(stored(`${n}`, 80));
    await ledger.close();
  });

  it.each([10, 4096, 8192, 30_000, 100_000])("is refused when cut to %i bytes", async (length) => {
    await truncate(data(), length);
    const ledger = open();
    const error = await failureOf(ledger.get("1"));
    expect(error.code).toBe("LEDGER_CORRUPT");
    expect(error.message).toContain("data.mdb");
    await ledger.close();
  });

  it("is refused when it is another kind of file", async () => {
    await copyFile(fileURLToPath(import.meta.url), data());
    const ledger = open();
    expect((await failureOf(ledger.get("1"))).code).toBe("LEDGER_CORRUPT");
    await ledger.close();
  });

  it("is initialized when it is empty", async () => {
    await truncate(data(), 0);
    const ledger = open();
    expect(await entries(ledger)).toEqual([]);
    await ledger.close();
  });
});

it("a directory can be opened several times in one process, written at the same time, and closed in any order", async () => {
  const ledgers = Array.from({ length: 4 }, open);
  await Promise.all(
    ledgers.map(async (ledger, writer) => {
      for (let index = 0; index < 20; index++) await ledger.put(stored(`${writer}-${index}.pdf`));
      await ledger.close();
      // Opened while others in this process are working or closing.
      const again = open();
      await again.put(stored(`${writer}-again.pdf`));
      await again.close();
    }),
  );
  const ledger = open();
  expect(await entries(ledger)).toHaveLength(84);
  await ledger.close();
});

it("a ledger whose directory cannot be created reports it", async () => {
  await writeFile(path.join(directory, "db"), "a file");
  expect((await failureOf(open().get("a"))).code).toBe("LEDGER_FAILED");
});

it("no secret is written to the files", async () => {
  const ledger = new LmdbLedger(path.join(directory, "db"), { secrets: [SECRET] });
  const last_error = {
    stage: "submit",
    code: "UNAUTHORIZED",
    message: `no ${SECRET}`,
    at: "2026-01-01T00:00:00Z",
  };
  await ledger.put({ ...recordOf("a.pdf"), state: "failed", last_error: { ...last_error, stage: "submit" } });
  await failureOf(ledger.put(recordOf(SECRET)));
  await ledger.close();
  const bytes = await readFile(path.join(directory, "db", "data.mdb"));
  expect(bytes.includes("UNAUTHORIZED")).toBe(true);
  expect(bytes.includes("0123456789")).toBe(false);
});

describe("processes on one LmdbLedger", () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill("SIGKILL");
  });

  /** Kills a process that writes as fast as it can after it acknowledged `count` records. */
  const killAfter = async (file: string, count: number): Promise<string[]> => {
    child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
    const writer = child;
    const acknowledged: string[] = [];
    if (!writer.stdout) throw new Error("no output");
    for await (const line of createInterface({ input: writer.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === count) writer.kill("SIGKILL");
    }
    return acknowledged;
  };

  it("lose no acknowledged record when they are killed", async () => {
    const file = await program(`
      for (let n = 0; ; n += 8)
        await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
          await ledger.put({ ...record(process.pid + "/" + (n + lane)), point_ids: Array(200).fill("x".repeat(36)) });
          process.stdout.write(process.pid + "/" + (n + lane) + "\\n");
        }));`);
    const acknowledged: string[] = [];
    for (const count of [1, 57, 400]) acknowledged.push(...(await killAfter(file, count)));
    const ledger = open();
    const found = await entries(ledger);
    expect(found.filter(({ problem }) => problem)).toEqual([]);
    const known = new Set(found.map(({ docId }) => docId));
    expect(acknowledged.length).toBeGreaterThanOrEqual(458);
    expect(acknowledged.filter((docId) => !known.has(docId))).toEqual([]);
    await ledger.put(stored("after.pdf"));
    expect((await ledger.get("after.pdf"))?.state).toBe("stored");
    await ledger.close();
  });

  it("claim each document once, and take over at once from a killed process", async () => {
    const file = await program(`
      const owner = newOwner();
      const won = [];
      for (let n = 0; n < 300; n++)
        if ((await ledger.claim("doc-" + n, owner)).granted) won.push("doc-" + n);
      console.log(JSON.stringify(won));
      await ledger.close();`);
    const holding = await program(`
      for (let n = 0; n < 3; n++) await ledger.claim("claimed-" + n, newOwner());
      console.log("ready"); setInterval(() => undefined, 1000);`);
    child = spawn(process.execPath, [holding], { stdio: ["ignore", "pipe", "inherit"] });
    const holder = child;
    await new Promise((resolve) => holder.stdout?.once("data", resolve));
    const ledger = open();
    const owner = newOwner();
    const taken = async () => (await ledger.claim("claimed-0", owner)).granted;
    expect(await taken()).toBe(false);
    const [first, second] = await Promise.all([run(process.execPath, [file]), run(process.execPath, [file])]);
    const won: string[] = [...JSON.parse(first.stdout), ...JSON.parse(second.stdout)];
    // The process that ends first leaves claims that the other can take over.
    expect(new Set(won).size).toBe(300);
    expect(await taken()).toBe(false);
    const gone = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await gone;
    expect(await taken()).toBe(true);
    await ledger.close();
  });

  it.runIf(process.platform === "linux")(
    "say so when the disk is full, and keep what was acknowledged",
    async () => {
      const file = await program(`
      const lost = [];
      process.on("unhandledRejection", (reason) => lost.push(String(reason)));
      const errors = [];
      let kept = 0;
      for (let n = 0; n < 300; n++)
        try {
          await ledger.put({ ...record("doc-" + n), point_ids: Array(300).fill("x".repeat(36)) });
          kept += 1;
        } catch (error) { errors.push(error.code + " " + error.message); }
      const readable = (await ledger.get("doc-0"))?.point_ids.length;
      await ledger.close();
      console.log(JSON.stringify({ kept, failed: errors.length, error: errors[0], lost, readable }));`);
      const limited = `ulimit -f 1500; exec "${process.execPath}" "${file}"`;
      const { stdout } = await run("bash", ["-c", limited]);
      const outcome = JSON.parse(stdout);
      expect(outcome).toMatchObject({
        lost: [],
        readable: 300,
        error: expect.stringMatching(/^LEDGER_FAILED .*(too large|output error|space).*is the disk full/i),
      });
      expect(outcome.kept).toBeGreaterThan(10);
      expect(outcome.kept + outcome.failed).toBe(300);
      const ledger = open();
      expect(await entries(ledger)).toHaveLength(outcome.kept);
      await ledger.put(stored("after.pdf"));
      await ledger.close();
    },
  );

  it("are not kept alive by a ledger, and load the database on first use", async () => {
    const file = await program(`
      const loaded = () => process.report.getReport().sharedObjects.some((name) => name.includes("lmdb"));
      const before = loaded();
      await ledger.put(record("a"));
      console.log(before, loaded());`);
    const { stdout } = await run(process.execPath, [file]);
    expect(stdout.trim()).toBe("false true");
  });
});
