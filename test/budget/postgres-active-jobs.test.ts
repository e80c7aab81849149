import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { PostgresActiveJobs } from "../../src/budget/postgres/postgres-active-jobs.js";
import { PostgresCallWindow } from "../../src/budget/postgres/postgres-call-window.js";
import type { Clock } from "../../src/internal/async/clock.js";
import { systemClock } from "../../src/internal/async/clock.js";
import { ActiveJobs } from "../../src/parse-api/limits/active-jobs.js";
import { errorOf } from "../support/parse-service.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";

const LEASE_MS = 60_000;

describeWithPostgres("active jobs in PostgreSQL", () => {
  let address: string;
  let round = 0;
  let now = 0;
  /** Time that a test moves; nothing is renewed by itself. */
  const clock: Clock = { now: () => now, delay: () => new Promise(() => undefined) };
  const opened: PostgresActiveJobs[] = [];
  const open = (given: Clock | undefined = clock): PostgresActiveJobs => {
    const jobs = new PostgresActiveJobs(address, { keyId: `key ${round}`, clock: given, leaseMs: LEASE_MS });
    opened.push(jobs);
    return jobs;
  };
  const submit = async (jobs: PostgresActiveJobs, jobId: string): Promise<void> => {
    const taken = await jobs.take();
    if (!("place" in taken)) throw new Error("expected a place");
    jobs.named(taken.place, jobId);
    jobs.watched(jobId);
  };
  const hasRoom = async (jobs: PostgresActiveJobs): Promise<boolean> => {
    const taken = await jobs.take();
    if ("place" in taken) jobs.ended(taken.place);
    return "place" in taken;
  };

  beforeAll(async () => {
    address = await createDatabase();
    await PostgresCallWindow.migrate(address);
  });
  beforeEach(() => {
    round++;
    now = Date.parse("2026-01-01T00:00:00Z");
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((jobs) => jobs.close()));
  });

  it("have no limit by default", async () => {
    const [one, two] = [open(), open()];
    for (let job = 0; job < 20; job++) await submit(job % 2 ? one : two, `job-${job}`);
    expect(one.limit).toBe(Number.POSITIVE_INFINITY);
  });

  it("keep one limit for all who use the key; a job that ends makes room for another process", async () => {
    const [one, two] = [open(), open()];
    one.configure(2);
    await submit(one, "a");
    await submit(two, "b");
    expect(await hasRoom(one)).toBe(false);
    expect(await hasRoom(two)).toBe(false);
    expect(two.limit).toBe(2);
    one.ended("a");
    await one.close();
    expect(await hasRoom(two)).toBe(true);
  });

  it("give no place to two at once", async () => {
    const all = Array.from({ length: 6 }, () => open());
    for (const jobs of all) jobs.configure(3);
    const taken = await Promise.all(all.map((jobs) => jobs.take()));
    expect(taken.filter((one) => "place" in one)).toHaveLength(3);
  });

  it("give back what a process had that ended, and count a job again for who waits for it next", async () => {
    const [ended, other] = [open(), open()];
    ended.configure(1);
    await submit(ended, "a");
    await ended.close();
    now += LEASE_MS - 1;
    expect(await hasRoom(other)).toBe(false);
    now += 1;
    expect(await hasRoom(other)).toBe(true);
    other.watched("a");
    expect(await hasRoom(other)).toBe(false);
    other.ended("a");
    expect(await hasRoom(other)).toBe(true);
  });

  it("learn for all that the service is full, and try one more a minute later", async () => {
    const [one, two] = [open(), open()];
    await submit(one, "a");
    await submit(two, "b");
    // What is asked next waits for what was being written, so that both jobs are counted.
    expect(await hasRoom(two)).toBe(true);
    one.full(20_000);
    await one.close();
    expect(await hasRoom(two)).toBe(false);
    expect(two.limit).toBe(2);
    now += 50_000;
    for (const jobId of ["a", "b"]) two.watched(jobId);
    expect(await hasRoom(two)).toBe(false);
    now += 30_000;
    for (const jobId of ["a", "b"]) open().watched(jobId);
    expect(await hasRoom(two)).toBe(true);
    expect(two.limit).toBe(3);
  });

  it("let a submission of one process go when a job of another has ended", async () => {
    const [one, two] = [open(systemClock), open(systemClock)].map(
      (jobs) => new ActiveJobs(systemClock, 1, jobs),
    );
    const place = await one?.reserve();
    place?.accepted();
    one?.submitted("a", {});
    const waiting = two?.reserve();
    one?.watch("a");
    one?.ended("a");
    await waiting;
    expect(two?.count).toBe(1);
  });

  it("let no submission go that cannot be counted", async () => {
    const empty = await createDatabase();
    const shared = new PostgresActiveJobs(empty, { keyId: "a" });
    opened.push(shared);
    expect((await errorOf(new ActiveJobs(systemClock, undefined, shared).reserve())).code).toBe(
      "LEDGER_VERSION",
    );
  });
});
