import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IngestEvent } from "../../src/ingest/run/events.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { World } from "../support/faults/world.js";
import { setEnvironment } from "../support/object-stores/environment.js";
import { refuseAs, type S3Server, startS3 } from "../support/object-stores/s3-server.js";

describe("kept results of a run", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
  });
  afterEach(() => world.close());

  /** Splits in another way, so that every document is read again. */
  const splitter = new SegmentSplitter({ chunkSize: 50 });
  const runInto = (directory: string, more: Parameters<World["run"]>[0] = {}) =>
    world.run({ ...more, results: new KeptResults({ directory, mode: "all" }) });

  const expireJobs = () => {
    const expired = new Set(world.emulator.jobs.map(({ jobId }) => jobId));
    const match = ({ jobId = "" }) => expired.has(jobId);
    for (const on of ["status", "result"] as const)
      world.emulator.addFault({ on, fault: "not_found", times: Number.POSITIVE_INFINITY, match });
  };

  it("are tried before anything is submitted: a directory that cannot be made", async () => {
    await writeFile(world.path("file"), "");
    const { error } = await runInto(world.path("file/results"));
    expect(error).toMatchObject({ code: "LEDGER_FAILED" });
    expect(error?.message).toContain(world.path("file/results"));
    expect(world.emulator.submissions).toBe(0);
    expect((await runInto(world.path("results"))).report?.sources.succeeded).toBe(3);
  });

  const isWrite = ({ method = "" }) => method === "PUT";
  const refusals: Record<string, [S3Server["intercept"], string]> = {
    "refused credentials": [(_, response) => refuseAs(response, 403, "InvalidAccessKeyId"), "UNAUTHORIZED"],
    "credentials that may not write": [
      (request, response) => isWrite(request) && refuseAs(response, 403, "AccessDenied"),
      "FILE_NOT_FOUND",
    ],
    "credentials that may not delete": [
      ({ method }, response) => method === "DELETE" && refuseAs(response, 403, "AccessDenied"),
      "FILE_NOT_FOUND",
    ],
    "a service that is down": [
      (_, response) => refuseAs(response, 503, "ServiceUnavailable"),
      "SERVICE_UNAVAILABLE",
    ],
  };
  it.each(Object.entries(refusals))(
    "are tried before anything is submitted: %s",
    async (_name, [intercept, code]) => {
      const server = await startS3();
      setEnvironment(server.env);
      server.intercept = intercept;
      const { error } = await runInto("s3://bucket/kept");
      expect(error).toMatchObject({ code, message: expect.stringMatching(/^kept results: s3:\/\/bucket\//) });
      expect(world.emulator.submissions).toBe(0);
    },
  );

  it("are not tried by a run that reads none", async () => {
    const { report } = await world.run({
      results: new KeptResults({ directory: world.path("none"), mode: "none" }),
    });
    expect(report?.sources.succeeded).toBe(3);
    await expect(readdir(world.path("none"))).rejects.toThrow("ENOENT");
  });

  it("that cannot be reached are not paid for again, and their jobs are read where they still exist", async () => {
    const server = await startS3();
    setEnvironment(server.env);
    expect((await runInto("s3://bucket/kept")).report?.sources.succeeded).toBe(3);
    // As if the service broke down after the run had begun: it lists, writes and deletes.
    server.intercept = ({ method }, response) =>
      method === "HEAD" && refuseAs(response, 503, "ServiceUnavailable");
    const fromJobs = await runInto("s3://bucket/kept", { splitter });
    expect(fromJobs.report?.sources).toMatchObject({ succeeded: 3, unchanged: 0 });
    expireJobs();
    const { report } = await runInto("s3://bucket/kept");
    expect(report?.failures.map(({ code, stage }) => `${stage} ${code}`)).toEqual(
      Array(3).fill("submit SERVICE_UNAVAILABLE"),
    );
    expect(report?.failures[0]?.message).toMatch(/^kept results: s3:.*cannot be reached/);
    expect(world.emulator.jobs).toHaveLength(3);
    server.intercept = undefined;
    expect((await runInto("s3://bucket/kept")).report?.sources).toMatchObject({ succeeded: 3, unchanged: 0 });
    expect(world.emulator.jobs).toHaveLength(3);
  });

  it("that are damaged, of jobs that have expired, are paid for again, and the run says so", async () => {
    await world.run();
    for (const name of await readdir(world.path("results"))) {
      const file = path.join(world.path("results"), name);
      await writeFile(file, (await readFile(file)).subarray(1));
    }
    const expired = world.emulator.jobs.map(({ jobId }) => jobId);
    expireJobs();
    const events: IngestEvent[] = [];
    const { report, problems } = await world.run({ splitter, onEvent: (event) => events.push(event) });
    expect(report).toMatchObject({ sources: { succeeded: 3 }, parsing: { jobs: 3, repeated: 3 } });
    expect(problems.length).toBeGreaterThanOrEqual(3);
    const told = events.flatMap((event) =>
      event.type === "source-submitted-again" ? [[event.doc_id, event.expired]] : [],
    );
    expect(told.map(([docId]) => docId).sort()).toEqual(["a.pdf", "b.pdf", "c.pdf"]);
    expect(told.map(([, jobId]) => jobId).sort()).toEqual(expired.sort());
  });
});
