import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PostgresDatabase } from "../../../src/internal/postgres/database.js";
import { migrateQueue } from "../../../src/queue/pg-boss/boss.js";
import { PgBossQueue } from "../../../src/queue/pg-boss/pg-boss-queue.js";
import { failureOf } from "../../contract/ledger.js";
import { describeQueue, queued } from "../../contract/queue.js";
import { createDatabase, describeWithPostgres } from "../../support/postgres.js";

describeWithPostgres("with PostgreSQL", () => {
  let database: PostgresDatabase;
  let admin: pg.Client;
  beforeAll(async () => {
    const address = await createDatabase();
    database = new PostgresDatabase(address);
    await migrateQueue(database);
    admin = new pg.Client(address);
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.end();
    await database?.close();
  });
  beforeEach(() => admin.query("delete from unsiloed_queue.job"));

  describeQueue("PgBossQueue", async () => {
    const open = () => new PgBossQueue(database, { supervises: false });
    const queue = open();
    return {
      queue,
      other: open,
      expire: async () => {
        await admin.query(
          "update unsiloed_queue.job set heartbeat_on = now() - interval '61 seconds' where state = 'active'",
        );
        await admin.query("update unsiloed_queue.queue set monitor_on = null, monitor_claim_on = null");
        await queue.supervise();
      },
      endPauses: async () => {
        await admin.query("update unsiloed_queue.job set start_after = now() where start_after > now()");
      },
      close: () => queue.close(),
    };
  });

  describe("the tables of PgBossQueue", () => {
    it("are not created by using it, and the error says how to create them", async () => {
      const empty = new PostgresDatabase(await createDatabase());
      const queue = new PgBossQueue(empty);
      const error = await failureOf(queue.take(1));
      expect(error).toMatchObject({ code: "LEDGER_VERSION", message: expect.stringContaining("migrate") });
      const done = await Promise.all([migrateQueue(empty), migrateQueue(empty)]);
      expect(done.map(({ to }) => to)).toEqual([expect.any(Number), done[0]?.to]);
      expect(await migrateQueue(empty)).toEqual({ from: done[0]?.to, to: done[0]?.to });
      expect(await queue.take(1)).toEqual([]);
      await queue.close();
      await empty.close();
    });
  });

  it("adds documents together with what else a transaction writes, or not at all", async () => {
    await admin.query("create table other (name text)");
    const queue = new PgBossQueue(database, { supervises: false });
    const add = (docId: string, fails: boolean) =>
      database.transaction(async (query) => {
        await query("insert into other values ($1)", [docId]);
        expect(await queue.enqueue([queued(docId)], query)).toBe(1);
        if (fails) throw new Error("refused");
      });
    await add("a.pdf", false);
    await expect(add("b.pdf", true)).rejects.toThrow(/refused/);
    expect((await admin.query("select name from other")).rows).toEqual([{ name: "a.pdf" }]);
    expect((await queue.take(9)).map(({ docId }) => docId)).toEqual(["a.pdf"]);
    await queue.close();
  });

  it("keeps documents for as long as the process says that has them", async () => {
    const short = new PgBossQueue(database, { supervises: false, keptMs: 10_000 });
    const usual = new PgBossQueue(database, { supervises: false });
    const passes = async (seconds: number) => {
      await admin.query(`update unsiloed_queue.job set heartbeat_on = now() - interval '${seconds} s'`);
      await admin.query("update unsiloed_queue.queue set monitor_on = null, monitor_claim_on = null");
      await usual.supervise();
      await admin.query("update unsiloed_queue.job set start_after = now() where state < 'active'");
    };
    await usual.enqueue([queued("lent.pdf")]);
    expect(await short.take(9)).toHaveLength(1);
    await passes(9);
    expect(await usual.take(9)).toEqual([]);
    await passes(11);
    expect(await usual.take(9)).toHaveLength(1);
    await passes(50);
    expect(await short.take(9)).toEqual([]);
    await Promise.all([short.close(), usual.close()]);
  });
});
