import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newOwner } from "../../../src/ledger/claims.js";
import { PostgresLedger } from "../../../src/ledger/postgres/postgres-ledger.js";
import { describeLedger, entries, failureOf, recordOf, SECRET, stored } from "../../contract/ledger.js";
import { createDatabase, describeWithPostgres, startPostgres } from "../../support/postgres.js";

const run = promisify(execFile);
const module = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

describeWithPostgres("with PostgreSQL", () => {
  let address: string;
  let admin: pg.Client;
  beforeAll(async () => {
    address = await createDatabase();
    await PostgresLedger.migrate(address);
    admin = new pg.Client(address);
    await admin.connect();
  });
  afterAll(() => admin?.end());
  beforeEach(() => admin.query("truncate unsiloed.documents, unsiloed.claims"));

  describeLedger("PostgresLedger", async (setting) => {
    const ledger = new PostgresLedger(address, setting);
    return {
      ledger,
      reopen: () => new PostgresLedger(address, setting),
      close: () => ledger.close(),
    };
  });

  const withLedger = async (
    work: (ledger: PostgresLedger) => Promise<void>,
    options: ConstructorParameters<typeof PostgresLedger>[1] = {},
  ): Promise<void> => {
    const ledger = new PostgresLedger(address, options);
    try {
      await work(ledger);
    } finally {
      await ledger.close();
    }
  };

  describe("a database without the tables of this version", () => {
    it("is not given tables by opening it, and the error says how to create them", async () => {
      const empty = await createDatabase();
      const ledger = new PostgresLedger(empty);
      const error = await failureOf(ledger.put(recordOf("a.pdf")));
      expect(error.code).toBe("LEDGER_VERSION");
      expect(error.message).toMatch(/tables .* do not exist.*"unsiloed-ingest migrate"/);
      expect(await PostgresLedger.migrate(empty)).toEqual([{ name: "ledger", from: 0, to: 1 }]);
      await ledger.put(recordOf("a.pdf"));
      await ledger.close();
    });

    it("is migrated once by many processes at the same time, and again without a change", async () => {
      const empty = await createDatabase();
      const done = await Promise.all(Array.from({ length: 8 }, () => PostgresLedger.migrate(empty)));
      expect(done.flat().filter(({ from }) => from === 0)).toHaveLength(1);
      expect(await PostgresLedger.migrate(empty)).toEqual([{ name: "ledger", from: 1, to: 1 }]);
    });

    it("is refused when a newer version wrote it, also by migrate", async () => {
      const newer = await createDatabase();
      await PostgresLedger.migrate(newer);
      const client = new pg.Client(newer);
      await client.connect();
      await client.query("update unsiloed.versions set version = 99");
      const ledger = new PostgresLedger(newer);
      for (const work of [() => ledger.get("a.pdf"), () => PostgresLedger.migrate(newer)])
        expect(await failureOf(work())).toMatchObject({
          code: "LEDGER_VERSION",
          message: expect.stringMatching(/newer version.*update/),
        });
      await ledger.close();
      await client.end();
    });
  });

  describe("records that cannot be read", () => {
    it.each(["null", "[]", '{"schema":1}', JSON.stringify(recordOf("other.pdf"))])(
      "are reported, and do not end a list: %s",
      (json) =>
        withLedger(async (ledger) => {
          for (const docId of ["a.pdf", "b.pdf", "c.pdf"]) await ledger.put(recordOf(docId));
          await admin.query("update unsiloed.documents set record = $1::json where key = 'b.pdf'", [json]);
          expect((await failureOf(ledger.get("b.pdf"))).code).toBe("LEDGER_CORRUPT");
          expect((await entries(ledger)).map(({ docId, problem }) => [docId, problem !== undefined])).toEqual(
            [
              ["a.pdf", false],
              ["b.pdf", true],
              ["c.pdf", false],
            ],
          );
          await ledger.put(stored("b.pdf"));
          expect((await ledger.get("b.pdf"))?.state).toBe("stored");
        }),
    );

    it("are not changed when a newer version wrote them", () =>
      withLedger(async (ledger) => {
        await ledger.put(recordOf("a.pdf"));
        const newer = JSON.stringify({ ...recordOf("a.pdf"), schema: 2, added: true });
        await admin.query("update unsiloed.documents set format = 2, record = $1::json", [newer]);
        const owner = newOwner();
        await ledger.claim("a.pdf", owner);
        for (const work of [
          () => ledger.get("a.pdf"),
          () => ledger.put(stored("a.pdf")),
          () => ledger.put(stored("a.pdf"), owner),
          () => ledger.delete("a.pdf"),
          () => ledger.delete("a.pdf", owner),
        ])
          expect((await failureOf(work())).code).toBe("LEDGER_VERSION");
        expect((await entries(ledger))[0]?.problem).toMatchObject({ code: "LEDGER_VERSION" });
      }));
  });

  describe("claims", () => {
    it("are timed by the clock of the database", () =>
      withLedger(
        async (ledger) => {
          const owner = { ...newOwner(), machine: "elsewhere" };
          const before = Date.now();
          const { claim } = await ledger.claim("a.pdf", owner);
          // By the clock of this process, as its timers need it.
          expect(claim.expiresAt).toBeGreaterThanOrEqual(before + 4990);
          expect(claim.expiresAt).toBeLessThanOrEqual(Date.now() + 5000);
          const { rows } = await admin.query(
            "select extract(epoch from expires_at - clock_timestamp()) as seconds from unsiloed.claims",
          );
          expect(Number(rows[0].seconds)).toBeLessThanOrEqual(5);
          await admin.query("update unsiloed.claims set expires_at = clock_timestamp()");
          expect(await ledger.holder("a.pdf")).toBeUndefined();
          expect((await ledger.claim("a.pdf", newOwner())).granted).toBe(true);
        },
        { leaseMs: 5000 },
      ));

    it("are taken over at once from a process of this machine that has ended", () =>
      withLedger(async (ledger) => {
        const child = spawn(process.execPath, ["-e", ""]);
        await new Promise((resolve) => child.once("exit", resolve));
        const gone = { ...newOwner(), pid: child.pid ?? 0 };
        await ledger.claim("a.pdf", gone);
        expect(await ledger.holder("a.pdf")).toBeUndefined();
        const next = newOwner();
        expect((await ledger.claim("a.pdf", next)).granted).toBe(true);
        expect((await failureOf(ledger.put(recordOf("a.pdf"), gone))).code).toBe("CLAIM_LOST");
      }));

    it("that are renewed in the same turn take one statement", () =>
      withLedger(async (ledger) => {
        const owner = newOwner();
        const docIds = Array.from({ length: 200 }, (_, n) => `${n}.pdf`);
        await Promise.all(docIds.map((docId) => ledger.claim(docId, owner)));
        const versions = async () =>
          (await admin.query("select distinct xmin::text as transaction from unsiloed.claims")).rows.length;
        expect(await versions()).toBeGreaterThan(1);
        await Promise.all(docIds.map((docId) => ledger.renew(docId, owner)));
        expect(await versions()).toBe(1);
      }));

    it("wait for a write of their owner before they are taken over, and then refuse its next", () =>
      withLedger(async (ledger) => {
        const [first, second] = [
          { ...newOwner(), machine: "elsewhere" },
          { ...newOwner(), machine: "elsewhere" },
        ];
        for (let round = 0; round < 20; round++) {
          const docId = `${round}.pdf`;
          await ledger.claim(docId, first);
          await admin.query("update unsiloed.claims set expires_at = clock_timestamp()");
          const [write, takeover] = await Promise.allSettled([
            ledger.put(recordOf(docId, { source: "first" }), first),
            ledger.claim(docId, second).then(() => ledger.get(docId)),
          ]);
          if (takeover.status === "rejected") throw takeover.reason;
          // What the new owner reads after it was granted the claim is what stays.
          const seen = takeover.value?.source;
          expect(seen).toBe(write.status === "fulfilled" ? "first" : undefined);
          expect((await ledger.get(docId))?.source).toBe(seen);
        }
      }));
  });

  it("searches few records where it can: those of a content, and those that are not stored", async () => {
    await admin.query("analyze unsiloed.documents");
    await admin.query("set enable_seqscan = off; set enable_bitmapscan = off");
    const plan = async (text: string) => JSON.stringify((await admin.query(`explain ${text}`)).rows);
    const from = "select record from unsiloed.documents where key > ''";
    expect(await plan(`${from} and content_hash = 'c' and parse_hash = 'p' limit 9`)).toContain("by_content");
    const unfinished = `${from} and state = any('{failed}') and state <> 'stored' order by key limit 9`;
    expect(await plan(unfinished)).toContain("unfinished");
  });

  it("refuses to write when it was opened to be read only", () =>
    withLedger(
      async (ledger) => {
        expect(await entries(ledger)).toEqual([]);
        const owner = newOwner();
        for (const work of [
          () => ledger.put(recordOf("a")),
          () => ledger.delete("a"),
          () => ledger.claim("a", owner),
          () => ledger.renew("a", owner),
          () => ledger.release("a", owner),
        ])
          expect((await failureOf(work())).message).toMatch(/read only/);
      },
      { readOnly: true },
    ));

  describe("secrets", () => {
    it("are not written to the tables", () =>
      withLedger(
        async (ledger) => {
          const last_error = { stage: "submit", code: "UNAUTHORIZED", message: `no ${SECRET}` } as const;
          await ledger.put({
            ...recordOf("a.pdf"),
            state: "failed",
            last_error: { ...last_error, at: "2026-01-01T00:00:00Z" },
          });
          const { rows } = await admin.query("select documents::text from unsiloed.documents");
          expect(JSON.stringify(rows)).toContain("UNAUTHORIZED");
          expect(JSON.stringify(rows)).not.toContain("0123456789");
        },
        { secrets: [SECRET] },
      ));

    it.each([
      ["an unknown database", { pathname: "/nowhere" }, /nowhere.*create the database/],
      ["an unknown user", { username: "nobody-here" }, /nobody-here/],
      ["a port without a server", { port: "1" }, /check that the server runs/],
    ])("of the address are in no error: %s", async (_what, change, message) => {
      const given = Object.assign(new URL(address), { password: "p%40ss-word-1", ...change });
      const ledger = new PostgresLedger(given.href);
      const error = await failureOf(ledger.get("a"));
      await ledger.close();
      expect(error.code).toBe("LEDGER_FAILED");
      expect(error.message).toMatch(message);
      expect(`${error.message} ${error.stack}`).not.toMatch(/ss-word-1/);
    });

    it("of an address that is none are not shown", async () => {
      expect(() => new PostgresLedger("postgres://a:top-secret#1@host:port/x")).toThrow(
        expect.objectContaining({
          code: "INVALID_OPTION",
          message: expect.not.stringContaining("top-secret"),
        }),
      );
    });
  });

  it("does not keep a program alive", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-ledger-"));
    try {
      const file = path.join(directory, "program.mjs");
      await writeFile(
        file,
        `import { PostgresLedger } from ${module("../../../dist/src/ledger/postgres/postgres-ledger.js")};
         const ledger = new PostgresLedger(${JSON.stringify(address)});
         console.log(String(await ledger.get("a.pdf")));`,
      );
      const { stdout } = await run(process.execPath, [file]);
      expect(stdout.trim()).toBe("undefined");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describeWithPostgres("a ledger whose PostgreSQL is restarted", () => {
  it("continues, and keeps every record that was acknowledged", async () => {
    const server = await startPostgres({ fsync: true });
    const address = server.address("postgres");
    await PostgresLedger.migrate(address);
    const ledger = new PostgresLedger(address);
    const owner = newOwner();
    const written: string[] = [];
    let isOver = false;
    const write = async (lane: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const docId = `${lane}/${n}`;
        expect((await ledger.claim(docId, owner)).granted).toBe(true);
        await ledger.put(stored(docId), owner);
        written.push(docId);
        expect(await ledger.renew(docId, owner)).toBe(true);
        await ledger.release(docId, owner);
      }
    };
    const lanes = Array.from({ length: 8 }, (_, lane) => write(lane));
    for (const count of [100, 250, 400]) {
      await expect.poll(() => written.length).toBeGreaterThan(count);
      await server.restart();
    }
    await expect.poll(() => written.length).toBeGreaterThan(500);
    isOver = true;
    await Promise.all(lanes);
    const kept = new Set((await entries(ledger)).map(({ docId }) => docId));
    expect(written.filter((docId) => !kept.has(docId))).toEqual([]);
    expect(kept.size).toBe(written.length);
    await ledger.close();
    await server.close();
  });
});
