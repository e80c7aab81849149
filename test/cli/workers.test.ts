import { mkdir, writeFile } from "node:fs/promises";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EmulatorOptions, Submission } from "../../src/emulator/options.js";
import { PostgresDatabase } from "../../src/internal/postgres/database.js";
import { PgBossQueue } from "../../src/queue/pg-boss/pg-boss-queue.js";
import { startCli } from "../support/cli/run-cli.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { smallResult } from "../support/parse-service.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";

describeWithPostgres("the commands of workers", () => {
  let space: Workspace;
  let address: string;
  let state: string[];
  beforeEach(async () => {
    address = await createDatabase();
    state = ["--state", address];
  });
  afterEach(() => space.close());
  const files = Array.from({ length: 12 }, (_, n) => `docs/${String(n).padStart(2, "0")}.pdf`);
  const start = async (options: Partial<EmulatorOptions> = {}, names: readonly string[] = files) => {
    space = await Workspace.open(options, names);
    await json("migrate");
  };
  const json = (...args: string[]) => space.json(...args, ...state);
  const work = (...args: string[]) => json("work", "--until-empty", ...FAST, ...args);
  const jobs = async () => {
    const client = new pg.Client(address);
    await client.connect();
    const { rows } = await client.query(
      "select state, count(*)::int from unsiloed_queue.job where name = 'documents' group by state",
    );
    await client.end();
    return Object.fromEntries(rows.map(({ state: name, count }) => [name, count]));
  };

  /** Has all parse jobs end; from then on the service counts submissions from zero. */
  const endJobs = async () => {
    const submitted = space.emulator.jobs.map(({ jobId, fileName }) => ({ jobId, fileName }));
    await space.restart();
    for (const job of submitted) space.emulator.addJob(job);
  };

  /** Lets more time pass than a worker has to keep its documents and claims. */
  const passTime = async () => {
    const database = new PostgresDatabase(address);
    const queue = new PgBossQueue(database, { supervises: false });
    const client = new pg.Client(address);
    await client.connect();
    await client.query("update unsiloed.claims set expires_at = now()");
    await client.query("update unsiloed_queue.job set heartbeat_on = now() - interval '61 s'");
    await client.query("update unsiloed_queue.queue set monitor_on = null, monitor_claim_on = null");
    await queue.supervise();
    expect(await jobs()).toEqual({ retry: 12 });
    await client.query("update unsiloed_queue.job set start_after = now()");
    await client.end();
    await queue.close();
    await database.close();
  };

  it("ingest what was enqueued, each document once, and enqueuing it again is free", async () => {
    await start();
    expect(await json("enqueue", "docs")).toMatchObject({ code: 0, enqueued: 12, already_queued: 0 });
    expect(await json("enqueue", "docs")).toMatchObject({ enqueued: 0, already_queued: 12 });
    expect(space.emulator.requests).toEqual([]);
    const before = await json("status");
    expect(before.documents).toEqual({ total: 12, queued: 12 });
    expect(before.listed).toEqual([]);
    expect(before.queue).toMatchObject({
      waiting: 12,
      paused: 0,
      taken: 0,
      dead: 0,
      workers: 0,
      dead_documents: [],
    });
    expect(before.queue.oldest_waiting_seconds).toBeGreaterThan(0);
    space.ownProcesses = true;
    const reports = await Promise.all([work(), work(), work()]);
    space.ownProcesses = false;
    expect(reports.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(reports.reduce((sum, { sources }) => sum + sources.succeeded, 0)).toBe(12);
    expect(space.emulator.submissions).toBe(12);
    expect((await json("status")).documents).toEqual({ total: 12, stored: 12 });
    expect(await jobs()).toEqual({});
    // Nothing changed, so that the second time costs nothing.
    expect(await json("enqueue", "docs")).toMatchObject({ enqueued: 0, already_queued: 0, unchanged: 12 });
    expect(await jobs()).toEqual({});
  });

  it("are given what is new or has changed, by the decision of ingest", async () => {
    await start({}, ["docs/a.pdf", "docs/b.pdf", "docs/c.pdf"]);
    await json("ingest", "docs", ...FAST);
    const enqueue = (...args: string[]) => json("enqueue", "docs", ...args);
    expect(await enqueue()).toMatchObject({ enqueued: 0, unchanged: 3 });
    await space.write("docs/a.pdf", "changed");
    await space.write("docs/d.pdf");
    expect(await enqueue()).toMatchObject({ enqueued: 2, unchanged: 2 });
    expect(await work()).toMatchObject({ code: 0, sources: { succeeded: 2 } });
    expect(await enqueue()).toMatchObject({ enqueued: 0, unchanged: 4 });
    for (const changed of [
      ["--parse", "merge_tables=true"],
      ["--chunk-size", "50"],
      ["--store", "lancedb:other"],
    ]) {
      expect(await enqueue(...changed)).toMatchObject({ enqueued: 4, unchanged: 0 });
      const client = new pg.Client(address);
      await client.connect();
      await client.query("delete from unsiloed_queue.job");
      await client.end();
    }
    // What worked on them in between is seen by ingest, too.
    expect(await json("ingest", "docs", ...FAST)).toMatchObject({ sources: { unchanged: 4 } });
  });

  it("are given a document and its row in the ledger together, also by a process that is killed", async () => {
    await start({}, []);
    await mkdir(space.path("many"));
    await Promise.all(
      Array.from({ length: 3000 }, (_, n) => writeFile(space.path(`many/${n}.pdf`), "%PDF-1.7")),
    );
    const client = new pg.Client(address);
    await client.connect();
    const count = async (table: string) =>
      Number((await client.query(`select count(*) from ${table}`)).rows[0].count);
    const { child, ended } = startCli(["enqueue", "many", ...state], { cwd: space.cwd, env: space.env });
    await expect.poll(() => count("unsiloed.documents"), { interval: 5, timeout: 60_000 }).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await ended;
    await expect
      .poll(async () =>
        Number(
          (await client.query("select count(*) from pg_stat_activity where datname = current_database()"))
            .rows[0].count,
        ),
      )
      .toBe(1);
    const { rows } = await client.query(
      "select count(*) filter (where d.key is null or j.id is null)::int as halves, count(*)::int as found " +
        "from unsiloed.documents d full join unsiloed_queue.job j on j.singleton_key = d.key and j.name = 'documents'",
    );
    expect(rows[0].halves).toBe(0);
    expect(rows[0].found % 1000).toBe(0);
    const rest = await json("enqueue", "many");
    expect(rest.enqueued + rest.already_queued).toBe(3000);
    expect(await count("unsiloed.documents")).toBe(3000);
    await client.end();
  });

  it("keep ids, titles and parse options of enqueue", async () => {
    await start({}, ["docs/a.pdf"]);
    await json(
      "enqueue",
      "docs/a.pdf",
      "--doc-id",
      "lease",
      "--title",
      "The lease",
      "--parse",
      "merge_tables=true",
    );
    await work();
    const [listed] = (await json("status", "--all")).listed;
    expect(listed).toMatchObject({
      doc_id: "lease",
      title: "The lease",
      parse_options: { merge_tables: true },
    });
  });

  it("refuse names that stand for nothing, and a ledger in a directory", async () => {
    await start({}, []);
    const nothing = await space.cli(["enqueue", "nosuch.pdf", ...state]);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("nosuch.pdf") });
    const away = {
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    };
    for (const name of ["s3://docs/a/", "s3://docs/**/*.pdf"]) {
      const unreached = await space.cli(["enqueue", name, ...state], { env: { ...space.env, ...away } });
      expect(unreached).toMatchObject({ code: 2, stderr: expect.stringContaining("s3://docs/") });
    }
    expect((await json("status")).queue).toMatchObject({ waiting: 0 });
    for (const command of [["enqueue", "docs"], ["work"]])
      expect(await space.cli([...command, "--state", "here"])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("--state: expected postgres://…"),
      });
  });

  it("end a document that failed for good, and leave it to retry", async () => {
    await start({ states: () => ["Failed"] }, ["docs/a.pdf"]);
    await json("enqueue", "docs");
    expect(await work()).toMatchObject({ code: 1, failures: [{ code: "JOB_FAILED" }] });
    expect(await jobs()).toEqual({});
    expect((await json("status")).documents).toEqual({ total: 1, failed: 1 });
    // Another run does not pay again; only a retry does.
    expect(await json("enqueue", "docs")).toMatchObject({ enqueued: 1 });
    expect(await work()).toMatchObject({ code: 1, failures: [{ code: "JOB_FAILED" }] });
    expect(space.emulator.submissions).toBe(1);
    await space.restart();
    expect(await json("retry")).toMatchObject({ code: 0, enqueued: 1, already_queued: 0, unknown: 0 });
    expect(await json("retry")).toMatchObject({ enqueued: 0 });
    expect((await json("status")).documents).toEqual({ total: 1, queued: 1 });
    expect(await work()).toMatchObject({ code: 0, sources: { succeeded: 1 } });
    expect(space.emulator.submissions).toBe(1);
    expect(await json("retry")).toMatchObject({ enqueued: 0, already_queued: 0 });
    const nothing = await space.cli(["retry", "nosuch.pdf", ...state]);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("no such document") });
  });

  it("give up a document that fails too often, and try it again when it is retried", async () => {
    await start({}, ["docs/a.pdf", "docs/b.pdf"]);
    const database = new PostgresDatabase(address);
    const queue = new PgBossQueue(database, { supervises: false });
    await json("enqueue", "docs");
    const client = new pg.Client(address);
    await client.connect();
    for (let retries = 0; retries <= 5; retries++) {
      for (const taken of await queue.take(9)) await queue.failed(taken, "STORE_UNREACHABLE");
      await client.query("update unsiloed_queue.job set start_after = now()");
    }
    const dead = await json("status");
    expect(dead.queue).toMatchObject({ waiting: 0, dead: 2 });
    expect(dead.queue.dead_documents).toContainEqual({
      doc_id: "docs/a.pdf",
      reason: "STORE_UNREACHABLE",
      died_at: expect.any(String),
    });
    expect(await json("delete", "docs/b.pdf", "--yes")).toMatchObject({
      deleted: [{ doc_id: "docs/b.pdf", points: 0 }],
    });
    expect((await json("status")).queue).toMatchObject({ dead: 1 });
    expect(await json("retry")).toMatchObject({ enqueued: 1 });
    expect((await json("status")).queue).toMatchObject({ waiting: 1, dead: 0 });
    await work();
    expect((await json("status")).documents).toEqual({ total: 1, stored: 1 });
    // Stored in another way, it does not stay dead either.
    await space.write("docs/a.pdf", "changed");
    await json("enqueue", "docs/a.pdf");
    for (let retries = 0; retries <= 5; retries++) {
      for (const taken of await queue.take(9)) await queue.failed(taken, "no");
      await client.query("update unsiloed_queue.job set start_after = now()");
    }
    expect((await json("status")).queue).toMatchObject({ dead: 1 });
    await json("ingest", "docs/a.pdf", ...FAST);
    expect((await json("status")).queue).toMatchObject({ dead: 0, dead_documents: [] });
    await json("enqueue", "docs/a.pdf");
    expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, dead: 0 });
    await client.end();
    await queue.close();
    await database.close();
  });

  it("hand out a document again whose failure may pass", async () => {
    await start({ states: () => ["Processing"] }, ["docs/a.pdf"]);
    await json("enqueue", "docs");
    let sent = false;
    const stopped = await space.cli(["work", ...FAST, "--timeout", "1", ...state], {
      onStderr: (stderr) => {
        if (sent || !stderr.includes("JOB_TIMEOUT")) return undefined;
        sent = true;
        return "SIGTERM";
      },
    });
    expect(stopped.code).toBe(0);
    expect(await jobs()).toEqual({ retry: 1 });
  });

  it("give everything back when the key is refused", async () => {
    await start();
    await json("enqueue", "docs");
    const refused = await space.cli(["work", ...FAST, ...state], {
      env: { ...space.env, UNSILOED_API_KEY: "another-key" },
    });
    expect(refused.code).toBe(2);
    const { created = 0, retry = 0, ...others } = await jobs();
    expect({ waiting: created + retry, others }).toEqual({ waiting: 12, others: {} });
    await work();
    expect((await json("status")).documents).toEqual({ total: 12, stored: 12 });
  });

  it("give back what they are waiting for on SIGTERM, and end with 0; the next worker resumes the jobs", async () => {
    await start({ states: () => ["Processing"] });
    await json("enqueue", "docs");
    let sent = false;
    const stopped = await space.cli(["work", ...FAST, ...state], {
      onStderr: (stderr) => {
        if (sent || (stderr.match(/Processing/g) ?? []).length < 12) return undefined;
        sent = true;
        return "SIGTERM";
      },
    });
    expect(stopped).toMatchObject({ code: 0, stderr: expect.stringContaining("giving back the rest") });
    expect(await jobs()).toEqual({ created: 12 });
    expect((await space.cli(["status", ...state])).stderr).toContain(
      'waiting: in the queue, 12 waiting and 0 taken by workers: "unsiloed-ingest work" continues them',
    );
    await endJobs();
    expect(await work()).toMatchObject({ code: 0, sources: { succeeded: 12 } });
    expect(space.emulator.submissions).toBe(0);
  });

  it("take up the documents of a worker that was killed, and pay for none twice", async () => {
    await start({ states: () => ["Processing"] });
    await json("enqueue", "docs");
    let sent = false;
    const killed = await space.cli(["work", ...FAST, ...state], {
      onStderr: (stderr) => {
        if (sent || (stderr.match(/Processing/g) ?? []).length < 12) return undefined;
        sent = true;
        return "SIGKILL";
      },
    });
    expect(killed.signal).toBe("SIGKILL");
    expect(await jobs()).toEqual({ active: 12 });
    await endJobs();
    await passTime();
    expect(await work()).toMatchObject({ code: 0, sources: { succeeded: 12 } });
    expect((await json("status")).documents).toEqual({ total: 12, stored: 12 });
    expect(space.emulator.submissions).toBe(0);
  });

  it("write nothing when they wake after having been frozen for longer than their claims last", async () => {
    await start({ states: () => ["Processing"] });
    await json("enqueue", "docs");
    let waiting = 0;
    const { child, ended } = startCli(["work", "--until-empty", ...FAST, ...state], {
      cwd: space.cwd,
      env: space.env,
      onStderr: (stderr) => {
        waiting = (stderr.match(/Processing/g) ?? []).length;
        return undefined;
      },
    });
    try {
      await expect.poll(() => waiting).toBe(12);
      child.kill("SIGSTOP");
      await endJobs();
      await passTime();
      expect(await work()).toMatchObject({ code: 0, sources: { succeeded: 12 } });
      const before = await json("status", "--all");
      child.kill("SIGCONT");
      expect(await ended).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("claimed by another run"),
      });
      expect((await json("status", "--all")).listed).toEqual(before.listed);
      expect(await jobs()).toEqual({});
      expect(space.emulator.submissions).toBe(0);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("make the same points as ingest", async () => {
    await start({}, ["docs/a.pdf", "docs/b.pdf"]);
    const listed = async (...args: string[]) => {
      const { listed: records } = await space.json("status", "--all", ...args);
      return records.map(({ doc_id, source, file, version, point_ids }: Record<string, unknown>) => ({
        doc_id,
        source,
        file,
        version,
        point_ids,
      }));
    };
    await space.json("ingest", "docs", ...FAST);
    await json("enqueue", "docs");
    await work("--store", "lancedb:other");
    expect(await listed(...state)).toEqual(await listed());
    expect(
      (await space.json("ingest", "docs", ...FAST, ...state, "--store", "lancedb:other")).sources,
    ).toMatchObject({
      unchanged: 2,
    });
  });

  it("are given the signature of an address, which is gone when its document has ended", async () => {
    const sent: unknown[] = [];
    const results = ({ url }: Submission) => {
      sent.push(url);
      return smallResult();
    };
    await start({ results }, []);
    const signed = "https://user:pass@example.com/a.pdf?v=2&X-Amz-Signature=s1gn4ture";
    await json("enqueue", signed);
    const kept = async () => {
      const client = new pg.Client(address);
      await client.connect();
      const { rows } = await client.query("select data from unsiloed_queue.job");
      const { rows: records } = await client.query("select record from unsiloed.documents");
      await client.end();
      return { jobs: JSON.stringify(rows), records: JSON.stringify(records) };
    };
    const before = await kept();
    expect(before.jobs).toContain("s1gn4ture");
    expect(before.records).not.toMatch(/s1gn4ture|pass@/);
    const run = await space.cli(["work", "--until-empty", ...FAST, ...state]);
    expect(sent).toEqual([signed]);
    const after = await kept();
    expect(after.jobs).toBe("[]");
    expect(after.records).not.toMatch(/s1gn4ture|pass@/);
    expect(`${run.stdout}${run.stderr}`).not.toMatch(/s1gn4ture|pass@/);
    expect((await json("status", "--all")).listed).toMatchObject([
      { doc_id: "https://example.com/a.pdf?v=2" },
    ]);
  });

  it("ingest saved results and web addresses of the queue", async () => {
    await start({}, []);
    await writeFile(space.path("lease.json"), JSON.stringify({ chunks: [] }));
    const queued = await json("enqueue", "result:lease.json", "https://example.com/a.pdf?X-Amz-Signature=1");
    expect(queued).toMatchObject({ enqueued: 2 });
  });
});
