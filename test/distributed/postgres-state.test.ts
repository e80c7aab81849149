import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { enqueueSources } from "../../src/distributed/enqueue.js";
import { PostgresState, type SourceToQueue } from "../../src/distributed/postgres-state.js";
import { describeSource } from "../../src/distributed/queued-source.js";
import { newOwner } from "../../src/ledger/claims.js";
import { advance, type LedgerRecord, type RecordChange } from "../../src/ledger/record.js";
import type { TakenDocument } from "../../src/queue/queue.js";
import { failureOf, recordOf, stored } from "../contract/ledger.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";

const named = (docId: string): SourceToQueue => ({
  source: { docId, source: docId },
  queued: { docId, source: { name: docId } },
});

const failed = (docId: string, code: string): LedgerRecord => {
  const last_error = { stage: "parse", code, message: "it failed" } as const;
  return advance(recordOf(docId, { state: "submitted", job_id: "job" }), { state: "failed", last_error }, 0);
};

describeWithPostgres("PostgresState", () => {
  let state: PostgresState;
  let admin: pg.Client;
  let address: string;
  beforeAll(async () => {
    address = await createDatabase();
    const tables = await PostgresState.migrate(address);
    expect(tables.map(({ name }) => name)).toEqual(["ledger", "budget", "queue"]);
    state = new PostgresState(address, { supervises: false });
    admin = new pg.Client(address);
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.end();
    await state?.close();
  });
  beforeEach(() =>
    admin.query(
      "delete from unsiloed.documents; delete from unsiloed.claims; delete from unsiloed_queue.job",
    ),
  );

  const stateOf = async (docId: string) => (await state.ledger.get(docId))?.state;
  const takeAll = async () => (await state.queue.take(99)).map(({ docId }) => docId).sort();
  /** Has documents fail until they are given up. */
  const giveUp = async (): Promise<void> => {
    for (let retries = 0; retries <= 5; retries++) {
      for (const taken of await state.queue.take(99)) await state.queue.failed(taken, "the store is down");
      await admin.query("update unsiloed_queue.job set start_after = now()");
    }
  };

  it("adds a row for each new document, and leaves the records that there are", async () => {
    await state.ledger.put(stored("stored.pdf"));
    expect(await state.enqueue([named("new.pdf"), named("stored.pdf")])).toBe(2);
    expect(await state.enqueue([named("new.pdf"), named("stored.pdf")])).toBe(0);
    expect(await state.ledger.get("stored.pdf")).toEqual(stored("stored.pdf"));
    expect(await state.ledger.get("new.pdf")).toMatchObject({
      state: "queued",
      source: "new.pdf",
      job_id: null,
    });
    expect(await takeAll()).toEqual(["new.pdf", "stored.pdf"]);
  });

  it("adds each document once when several processes name the same at once, in any order", async () => {
    const others = [1, 2, 3].map(() => new PostgresState(address, { supervises: false }));
    const documents = Array.from({ length: 400 }, (_, n) => named(`${n}.pdf`));
    const added = await Promise.all(
      others.map((other, n) => other.enqueue(n % 2 ? documents : [...documents].reverse())),
    );
    expect(added.reduce((sum, count) => sum + count, 0)).toBe(400);
    expect(await state.queue.counts()).toMatchObject({ waiting: 400 });
    await Promise.all(others.map((other) => other.close()));
  });

  it("keeps no secret of a source in the ledger, and gives it to the worker also after the document was given up", async () => {
    const given = "https://u:secret@example.com/a.pdf?X-Amz-Signature=secret";
    const loader = new UnsiloedFileLoader(given, { apiKey: "k" });
    const describe = (source: Parameters<typeof describeSource>[0]) => describeSource(source, given);
    expect(await enqueueSources(loader.sources(), { state, describe })).toEqual({
      enqueued: 1,
      alreadyQueued: 0,
      unchanged: 0,
    });
    expect(JSON.stringify(await state.ledger.get("https://example.com/a.pdf"))).not.toContain("secret");
    await giveUp();
    expect(await state.retry()).toEqual({ enqueued: 1, alreadyQueued: 0, unknown: 0 });
    const [taken] = await state.queue.take(9);
    expect(taken?.source).toEqual({ name: "https://example.com/a.pdf", address: given });
    await state.queue.done(taken ? [taken] : []);
    expect((await admin.query("select data from unsiloed_queue.job")).rows).toEqual([]);
  });

  it("lists dead documents, without those that were stored or deleted since, and forgets these", async () => {
    await state.enqueue(["a.pdf", "b.pdf", "c.pdf"].map(named));
    await giveUp();
    const dead = async () => {
      const listed: string[] = [];
      for await (const { docId, reason } of state.dead()) listed.push(`${docId}: ${reason}`);
      return listed.sort();
    };
    expect(await dead()).toHaveLength(3);
    await state.ledger.put(advance(stored("a.pdf"), { state: "stored" }, Date.now()));
    await state.ledger.delete("b.pdf");
    expect(await dead()).toEqual(["c.pdf: the store is down"]);
    expect(await state.queue.counts()).toMatchObject({ dead: 3 });
    await state.forgetSettled();
    expect(await state.queue.counts()).toMatchObject({ dead: 1 });
    // One that was stored before it was given up stays.
    await state.ledger.put(stored("c.pdf"));
    expect(await dead()).toHaveLength(1);
  });

  it.each<[string, string | null]>([
    ["JOB_FAILED", null],
    ["INCOMPLETE_RESULT", null],
    ["STORE_UNREACHABLE", "job"],
  ])("retries a document that failed with %s by the job %s", async (code, job_id) => {
    await state.ledger.put(failed("a.pdf", code));
    expect(await state.retry()).toEqual({ enqueued: 1, alreadyQueued: 0, unknown: 0 });
    expect(await state.ledger.get("a.pdf")).toMatchObject({ state: "queued", job_id, last_error: { code } });
    expect(await state.retry({ docIds: ["a.pdf"] })).toEqual({ enqueued: 0, alreadyQueued: 1, unknown: 0 });
  });

  it("changes no record of a document that a run works on", async () => {
    const owner = newOwner();
    for (const docId of ["failed.pdf", "sending.pdf"]) await state.ledger.claim(docId, owner);
    await state.ledger.put(failed("failed.pdf", "JOB_FAILED"), owner);
    await state.ledger.put(recordOf("sending.pdf"), owner);
    expect(await state.retry({ resubmitUnknown: true })).toMatchObject({ unknown: 0 });
    expect(await stateOf("failed.pdf")).toBe("failed");
    expect(await stateOf("sending.pdf")).toBe("submitting");
    await admin.query("delete from unsiloed_queue.job");
    expect(await state.retry()).toMatchObject({ unknown: 0 });
  });

  it("submits documents of unknown outcome again only when that is asked for", async () => {
    await state.ledger.put(recordOf("a.pdf"));
    expect(await state.retry()).toEqual({ enqueued: 0, alreadyQueued: 0, unknown: 1 });
    expect(await stateOf("a.pdf")).toBe("submitting");
    expect(await state.retry({ resubmitUnknown: true })).toEqual({
      enqueued: 1,
      alreadyQueued: 0,
      unknown: 0,
    });
    expect(await stateOf("a.pdf")).toBe("queued");
  });

  it("retries what is left unfinished with the parse options of its submission, or with others", async () => {
    const change: RecordChange = { state: "submitted", job_id: "j" };
    const parse_options = { merge_tables: true };
    await state.ledger.put(advance(recordOf("a.pdf", { parse_options }), change, 0));
    await state.retry();
    const sources = (taken: TakenDocument[]) => taken.map(({ source }) => source);
    const taken = await state.queue.take(9);
    expect(sources(taken)).toEqual([{ name: "a.pdf", isDocIdChosen: true, parse: parse_options }]);
    await state.queue.done(taken);
    await state.retry({ docIds: ["a.pdf"], parse: { merge_tables: false } });
    expect(sources(await state.queue.take(9))).toMatchObject([{ parse: { merge_tables: false } }]);
    expect((await failureOf(state.retry({ docIds: ["nosuch.pdf"] }))).message).toMatch(
      /^nosuch\.pdf: no such document/,
    );
  });

  it("counts the processes that look after the queue", async () => {
    const worker = new PostgresState(address);
    await worker.queue.counts();
    expect(await state.queue.details()).toMatchObject({ workers: 1 });
    await worker.close();
  });
});
