import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { PostgresDatabase } from "../../src/internal/postgres/database.js";
import { PgBossQueue } from "../../src/queue/pg-boss/pg-boss-queue.js";
import { runHosted, startCli } from "../support/cli/run-cli.js";
import { type Stage, StageGate } from "../support/cli/stage-gate.js";
import { startStagedServices } from "../support/cli/staged-services.js";
import { FAST } from "../support/cli/workspace.js";
import { comparePoints } from "../support/crash/audit.js";
import { type FoundPoint, readPoints } from "../support/crash/stored-points.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";
import { isLeftOut, SHARE_SEED } from "../support/thorough.js";

const FILES = ["a.pdf", "b.pdf", "c.pdf"];

describeWithPostgres("a worker that is stopped", () => {
  let cwd: string;
  let undisturbed: FoundPoint[];
  const closing: (() => Promise<void>)[] = [];

  /** Opens a queue with all documents, and services whose first answer in a stage is held. */
  const open = async (stage?: Stage) => {
    const gate = new StageGate(stage);
    const services = await startStagedServices(gate);
    const address = await createDatabase();
    const database = new PostgresDatabase(address);
    const queue = new PgBossQueue(database, { supervises: false });
    closing.push(async () => {
      await Promise.all([services.close(), queue.close()]);
      await database.close();
    });
    const { env, qdrant } = services;
    const shared = ["--state", address, "--json"];
    const working = [...shared, ...FAST, "--keep-results", "none", "--store", `qdrant:${qdrant.url}`];
    const cli = async (...args: string[]) => {
      const run = await runHosted(args, { cwd, env });
      if (run.stdout === "") throw new Error(`nothing on stdout: ${run.stderr}`);
      return { code: run.code, ...JSON.parse(run.stdout) };
    };
    await cli("migrate", ...shared);
    await cli("enqueue", "docs", ...shared);
    return {
      ...services,
      gate,
      database,
      queue,
      work: () => cli("work", "--until-empty", ...working),
      /** Starts a worker of its own process, and waits until its answer is held. */
      startHeld: async (...more: string[]) => {
        const worker = startCli(["work", ...working, ...more], { cwd, env });
        const ended = worker.ended.then(({ stderr }) => {
          throw new Error(`ended too early: ${stderr}`);
        });
        await Promise.race([gate.reached, ended]);
        ended.catch(() => undefined);
        return worker;
      },
      status: () => cli("status", "--all", ...shared),
      points: () => readPoints(cwd, services),
    };
  };
  type Opened = Awaited<ReturnType<typeof open>>;

  /** What is left of a worker that ended. */
  const leftovers = async ({ database, queue }: Opened) => {
    const claims = await database.query("select id from unsiloed.claims");
    return { claims: claims.length, taken: (await queue.counts()).taken };
  };

  /** Expects that all documents are stored as by an undisturbed run, and each was paid for once. */
  const expectWhole = async ({ emulator, status, points, queue }: Opened) => {
    expect((await status()).documents).toEqual({ total: FILES.length, stored: FILES.length });
    expect(emulator.jobs.map(({ fileName }) => fileName).sort()).toEqual(FILES);
    expect(comparePoints(undisturbed, await points())).toEqual({ lost: [], duplicated: [] });
    expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, dead: 0 });
  };

  const closeAll = async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
    // Vectors that were cached would not be asked for again.
    await rm(path.join(cwd, ".unsiloed"), { recursive: true, force: true });
  };

  beforeAll(async () => {
    cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-stops-"));
    await mkdir(path.join(cwd, "docs"));
    for (const file of FILES) await writeFile(path.join(cwd, "docs", file), `%PDF-1.7 ${file}`);
    const opened = await open();
    expect(await opened.work()).toMatchObject({ code: 0 });
    undisturbed = await opened.points();
    expect(undisturbed.length).toBe(FILES.length);
    await closeAll();
  });
  afterEach(() => closeAll());
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  const stages: readonly Stage[] = ["submit", "wait", "embed", "store"];
  for (const [index, stage] of stages.entries())
    it(`by SIGTERM during ${stage} ends with 0 and gives everything back; the next one ends whole (seed ${SHARE_SEED})`, {
      skip: isLeftOut(index, 2),
    }, async () => {
      const opened = await open(stage);
      const { child, ended } = await opened.startHeld();
      child.stderr?.on("data", (text: string) => {
        // What is being sent or stored is finished.
        if (text.includes("stopping: taking no more")) opened.gate.release();
      });
      child.kill("SIGTERM");
      expect(await ended).toMatchObject({ code: 0, signal: null });
      expect(await leftovers(opened)).toEqual({ claims: 0, taken: 0 });
      const before = (await opened.status()).documents;
      expect(before.stored ?? 0).toBe(stage === "embed" || stage === "store" ? before.total : 0);
      expect(await opened.work()).toMatchObject({ code: 0 });
      await expectWhole(opened);
    });

  it("by SIGTERM with an answer that never comes gives everything back when its grace is over", async () => {
    const opened = await open("store");
    const { child, ended } = await opened.startHeld("--grace", "1");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining("not finished in time") });
    expect(await leftovers(opened)).toEqual({ claims: 0, taken: 0 });
    opened.gate.release();
    expect(await opened.work()).toMatchObject({ code: 0 });
    await expectWhole(opened);
  });

  it("by SIGSTOP for longer than its claims last writes nothing when it wakes", async () => {
    const opened = await open("embed");
    const { child, ended } = await opened.startHeld("--until-empty", "--lease", "5");
    try {
      child.kill("SIGSTOP");
      await forget(opened);
      expect(await opened.work()).toMatchObject({ code: 0 });
      await expectWhole(opened);
      const [{ listed }, points] = [await opened.status(), await opened.points()];
      const asked = opened.qdrant.requests.length;
      child.kill("SIGCONT");
      opened.gate.release();
      expect((await ended).code).toBe(0);
      const writes = opened.qdrant.requests.slice(asked).filter(({ method }) => method === "PUT");
      expect(writes.map(({ path: at }) => at)).toEqual([]);
      expect((await opened.status()).listed).toEqual(listed);
      expect(await opened.points()).toEqual(points);
    } finally {
      child.kill("SIGKILL");
    }
  });

  /** Waits until the claims of a worker have expired, and lets the time pass in which it has to keep its documents. */
  const forget = async ({ database, queue }: Opened): Promise<void> => {
    const claimed = () => database.query("select id from unsiloed.claims where expires_at > now()");
    await expect.poll(claimed).toEqual([]);
    await database.query("update unsiloed_queue.job set heartbeat_on = now() - interval '61 s'");
    await queue.supervise();
    await database.query("update unsiloed_queue.job set start_after = now()");
  };
});
