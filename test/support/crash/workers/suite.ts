import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay, setInterval } from "node:timers/promises";
import { z } from "zod";
import { type PostgresServer, startPostgres } from "../../postgres.js";
import { SeededRandom } from "../../seeded-random.js";
import { Activity } from "../activity.js";
import { auditPayments, comparePoints, findLostSegments, type PaymentFindings } from "../audit.js";
import { describeEnd, readReport } from "../command.js";
import { makeDocuments } from "../documents.js";
import { runUndisturbed } from "../round.js";
import { startServices } from "../services.js";
import { type FoundPoint, readPoints } from "../stored-points.js";
import { Fleet } from "./fleet.js";

export interface WorkersOptions {
  workers: number;
  documents: number;
  /** Workers that are killed, at least. */
  kills: number;
  /** Restarts of PostgreSQL while workers are killed. */
  restarts: number;
  seed: string;
  say: (line: string) => void;
}

export interface WorkersFindings extends PaymentFindings {
  kills: number;
  /** Kills of workers that had claimed documents; the others were starting. */
  killsAmidWork: number;
  restarts: number;
  /** Documents that were stored before the last kill. */
  storedAmidKills: number;
  lost: string[];
  duplicated: string[];
  problems: string[];
}

/** How long a parse job takes. */
const PROCESSING_MS = 800;
/** A worker says about so many lines about a document from its submission until it is stored. */
const LINES_PER_DOCUMENT = 9;
/** What share of the documents may be done before the last kill; the rest is for those who finish. */
const SHARE_AMID_KILLS = 0.6;
/** What share of the kills hit workers while they start. */
const SHARE_AT_START = 0.15;
/** How long such a worker has been starting at most. */
const START_MS = 2_000;
/** The longest time from a line to the kill that it leads to. */
const LATEST_MS = 200;
/** How often it is seen whether documents wait: a worker that can get none is killed as well. */
const LOOK_MS = 1_000;

const listedSchema = z.object({
  listed: z.array(z.object({ doc_id: z.string(), standing: z.string() })),
});

/** Returns the names of documents by their standing in the ledger. */
const namesOf = async (fleet: Fleet, wanted: string): Promise<string[]> => {
  const { listed } = listedSchema.parse(JSON.parse((await fleet.run("status", "--all", "--json")).stdout));
  return listed.flatMap(({ doc_id, standing }) => (standing === wanted ? [path.basename(doc_id)] : []));
};

/**
 * Starts a worker and kills it at a random moment: while it starts, or when it has said so many lines about documents. So
 * it lives for as much work on a machine that is busy.
 */
const killWorker = async (fleet: Fleet, name: string, longestLines: number, random: SeededRandom) => {
  const stop = new AbortController();
  const isAtStart = random.next() < SHARE_AT_START;
  const lines = random.integer(1, longestLines);
  const lateMs = random.between(0, LATEST_MS);
  const killAfter = (ms: number): void => {
    void delay(ms, undefined, { signal: stop.signal }).then(
      () => child.kill("SIGKILL"),
      () => undefined,
    );
  };
  const look = async (): Promise<void> => {
    for await (const _ of setInterval(LOOK_MS, undefined, { signal: stop.signal }))
      if ((await fleet.counts()).waiting === 0) killAfter(lateMs);
  };
  const { child, ended } = await fleet.startWorker(name, [], (stderr) => {
    if ((stderr.match(/\.pdf: /g) ?? []).length >= lines) killAfter(lateMs);
  });
  if (isAtStart) killAfter(random.between(0, START_MS));
  else void look().catch(() => undefined);
  const run = await ended;
  stop.abort();
  const claimed = child.pid === undefined ? 0 : await fleet.forgetWorker(child.pid);
  return { run, claimed };
};

/** Kills workers at random moments, and starts each again, until there were enough kills. */
const killWorkers = async (fleet: Fleet, server: PostgresServer, options: WorkersOptions) => {
  const problems: string[] = [];
  let kills = 0;
  let killsAmidWork = 0;
  let restarts = 0;
  let isRestarting = false;
  const mean = (SHARE_AMID_KILLS * options.documents * LINES_PER_DOCUMENT) / options.kills;
  const live = async (name: string): Promise<void> => {
    const random = new SeededRandom(`${options.seed}:${name}`);
    while (kills < options.kills && problems.length < 10) {
      const wasRestarting = isRestarting;
      const { run, claimed } = await killWorker(fleet, name, Math.ceil(2 * mean), random);
      // One that starts while there is no database ends, to be started again.
      const isExcused = (wasRestarting || isRestarting) && run.stderr.includes("LEDGER_FAILED");
      if (run.signal === "SIGKILL") kills += 1;
      else if (!isExcused) problems.push(`a worker ended by itself: ${describeEnd(run)}`);
      if (claimed > 0) killsAmidWork += 1;
    }
  };
  const restart = async (): Promise<void> => {
    for (let number = 1; number <= options.restarts; number++) {
      while (kills < (number * options.kills) / (options.restarts + 1) && problems.length < 10)
        await delay(50);
      isRestarting = true;
      await server.restart();
      isRestarting = false;
      restarts += 1;
    }
  };
  const names = Array.from({ length: options.workers }, (_, index) => `worker-${index + 1}`);
  await Promise.all([...names.map(live), restart()]);
  if (kills < options.kills) problems.push(`only ${kills} of ${options.kills} kills`);
  return { kills, killsAmidWork, restarts, problems };
};

/** Lets all workers empty the queue undisturbed. @returns messages about what should not be */
const finishAll = async (fleet: Fleet, workers: number, ...more: string[]): Promise<string[]> => {
  const enqueued = await fleet.run("enqueue", "docs");
  if (enqueued.code !== 0) return [`enqueue: ${describeEnd(enqueued)}`];
  await fleet.endPauses();
  const started = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      fleet.startWorker(`worker-${index + 1}`, ["--until-empty", "--json", ...more]),
    ),
  );
  const runs = await Promise.all(started.map(({ ended }) => ended));
  return runs.flatMap((run) => {
    const report = readReport(run);
    if (!report) return [`a last worker printed no report: ${describeEnd(run)}`];
    const wrong = report.failures.filter(({ code }) => code !== "SUBMISSION_UNKNOWN");
    return wrong.map(({ source, code, message }) => `${source}: ${code}: ${message}`);
  });
};

/**
 * Kills workers and restarts PostgreSQL while documents are ingested, lets the workers finish, and compares what is
 * stored and what was paid for with a run of one process that nothing disturbed.
 */
export const runWorkersSuite = async (options: WorkersOptions): Promise<WorkersFindings> => {
  const documents = makeDocuments(options.seed, options.documents);
  const undisturbed = await runUndisturbed("qdrant", documents);
  options.say(`undisturbed: ${documents.length} documents, ${undisturbed.points.length} points`);
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-workers-"));
  const server = await startPostgres({ fsync: true });
  const services = await startServices("qdrant", documents, new Activity(), PROCESSING_MS);
  const fleet = new Fleet(directory, services, server.address("postgres"));
  try {
    await mkdir(path.join(directory, "docs"));
    for (const { fileName, bytes } of documents)
      await writeFile(path.join(directory, "docs", fileName), bytes);
    for (const [command, ...names] of [["migrate"], ["enqueue", "docs"]] as const) {
      const run = await fleet.run(command, ...names);
      if (run.code !== 0) throw new Error(`${command}: ${describeEnd(run)}`);
    }
    const { problems, ...disturbance } = await killWorkers(fleet, server, options);
    const storedAmidKills = await fleet.countStored();
    options.say(`${formatDisturbance(disturbance)}; ${storedAmidKills} documents stored so far`);

    problems.push(...(await finishAll(fleet, options.workers)));
    const reportedUnknown = await namesOf(fleet, "unknown");
    const paid = () => services.emulator.jobs.map(({ fileName, polls }) => ({ fileName, polls }));
    const before = paid();
    if (reportedUnknown.length > 0)
      problems.push(...(await finishAll(fleet, options.workers, "--resubmit-unknown")));
    const after = paid().slice(before.length);

    const stored = await fleet.countStored();
    if (stored !== documents.length) problems.push(`${documents.length - stored} documents are not stored`);
    const { waiting, taken } = await fleet.counts();
    if (waiting + taken > 0) problems.push(`the queue is not empty: ${waiting} waiting, ${taken} taken`);
    const points = await readPoints(directory, services);
    const { lost, duplicated } = comparePoints(withFileName(undisturbed.points), withFileName(points));
    return {
      ...disturbance,
      storedAmidKills,
      lost: [...lost, ...findLostSegments(documents, points)],
      duplicated,
      ...auditPayments({ before, after, reportedUnknown }),
      problems,
    };
  } finally {
    await fleet.close();
    await services.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
};

/**
 * Workers name a file by its whole path, so that it is the same for all; a run of one process as it was given. The
 * version of a document depends on that name.
 */
const withFileName = (points: readonly FoundPoint[]): FoundPoint[] =>
  points.map(({ metadata, ...point }) => ({
    ...point,
    metadata: { ...metadata, source: path.basename(String(metadata["source"])), version: "" },
  }));

const some = (names: readonly string[]): string =>
  names.length === 0 ? "0" : `${names.length}: ${names.slice(0, 5).join(", ")}`;

const formatDisturbance = ({
  kills,
  killsAmidWork,
  restarts,
}: Pick<WorkersFindings, "kills" | "killsAmidWork" | "restarts">): string =>
  `kills: ${kills}, of which ${killsAmidWork} amid work; restarts of PostgreSQL: ${restarts}`;

export const formatWorkersFindings = (findings: WorkersFindings): string => {
  const { lost, duplicated, paidTwice, unknown, unknownAccepted, problems } = findings;
  return [
    formatDisturbance(findings),
    `lost: ${some(lost)}`,
    `duplicated: ${some(duplicated)}`,
    `paid twice: ${some(paidTwice)}`,
    `unknown outcome: ${unknown} (reported; ${unknownAccepted} had been accepted)`,
    `other problems: ${problems.length}`,
    ...problems.map((problem) => `  ${problem}`),
  ].join("\n");
};

/** Returns whether nothing was lost, duplicated or paid for twice, and nothing else is wrong. */
export const areWorkersClean = ({ lost, duplicated, paidTwice, problems }: WorkersFindings): boolean =>
  lost.length + duplicated.length + paidTwice.length + problems.length === 0;
