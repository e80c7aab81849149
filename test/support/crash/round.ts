import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SeededRandom } from "../seeded-random.js";
import { Activity, type Moment } from "./activity.js";
import {
  auditPayments,
  comparePoints,
  findLostSegments,
  findUnaccounted,
  type PaidJob,
  type PaymentFindings,
} from "./audit.js";
import { describeEnd, IngestCommand, isBalanced, type Report, type Run, readReport } from "./command.js";
import type { CrashDocument } from "./documents.js";
import { drawKill, type Pace } from "./kill-plan.js";
import { type Services, type StoreKind, startServices } from "./services.js";
import { type FoundPoint, readPoints } from "./stored-points.js";

/** What a run without kills leaves. */
export interface Undisturbed {
  points: FoundPoint[];
  report: Report;
  textsEmbedded: number;
  pace: Pace;
}

export interface Kill {
  /** The last activity of the process. */
  during: Moment | "start-up";
  /** Whether it left an incomplete kept result. */
  leftPartialFile: boolean;
}

export interface RoundFindings extends PaymentFindings {
  kills: Kill[];
  runs: number;
  /** Points and segments, by name. */
  lost: string[];
  duplicated: string[];
  textsEmbedded: number;
  /** All other faults. */
  problems: string[];
}

interface Place {
  cwd: string;
  services: Services;
  command: IngestCommand;
}

const inFreshPlace = async <T>(
  store: StoreKind,
  documents: readonly CrashDocument[],
  work: (place: Place) => Promise<T>,
): Promise<T> => {
  const cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-crash-"));
  const activity = new Activity();
  const services = await startServices(store, documents, activity);
  try {
    await mkdir(path.join(cwd, "docs"));
    for (const { fileName, bytes } of documents) await writeFile(path.join(cwd, "docs", fileName), bytes);
    return await work({ cwd, services, command: new IngestCommand(cwd, services, activity) });
  } finally {
    await services.close();
    await rm(cwd, { recursive: true, force: true });
  }
};

/** Names of kept results that were not finished. */
const partialFiles = async (cwd: string): Promise<string[]> => {
  const names = await readdir(path.join(cwd, ".unsiloed/results")).catch(() => []);
  return names.filter((name) => name.endsWith(".tmp"));
};

const snapshot = ({ emulator }: Services): PaidJob[] =>
  emulator.jobs.map(({ fileName, polls }) => ({ fileName, polls }));

/** Runs the command once, to know what a store must contain in the end. */
export const runUndisturbed = (store: StoreKind, documents: readonly CrashDocument[]): Promise<Undisturbed> =>
  inFreshPlace(store, documents, async ({ cwd, services, command }) => {
    const run = await command.run();
    const report = readReport(run);
    const jobs = services.emulator.submissions;
    const points = await readPoints(cwd, services);
    const lost = findLostSegments(documents, points);
    if (run.code !== 0 || !report || !isBalanced(report) || lost.length > 0 || jobs !== documents.length)
      throw new Error(
        `the undisturbed run on ${store} is no measure: ${describeEnd(run)}; ${jobs} jobs, lost: ${lost.join()}`,
      );
    const { startUpMs, ms } = run;
    const textsEmbedded = services.textsEmbedded();
    return { points, report, textsEmbedded, pace: { startUpMs, workMs: ms - startUpMs } };
  });

/** Returns messages of a last run that a user should not see. `pardoned` codes are expected. */
const complaints = (name: string, run: Run, documents: number, pardoned?: string): string[] => {
  const report = readReport(run);
  if (!report) return [`${name} printed no report: ${describeEnd(run)}`];
  const wrong = report.failures.filter(({ code }) => code !== pardoned);
  const { total, succeeded, failed } = report.sources;
  return [
    ...(isBalanced(report)
      ? []
      : [`${name}: the counts of segments do not balance: ${JSON.stringify(report.segments)}`]),
    ...(total === documents && succeeded + failed === total
      ? []
      : [`${name}: ${JSON.stringify(report.sources)} of ${documents}`]),
    ...wrong.map(({ source, code, message }) => `${name}: ${source}: ${code}: ${message}`),
  ];
};

/** Describes a run that printed no report. */
const unaccounted = ({ report }: Undisturbed, run: Run): string[] =>
  findUnaccounted(report.segments, readReport(run)?.segments ?? report.segments);

/** Another collection than the one that was written while the command was killed. */
const ANOTHER = "another";

export interface RoundOptions {
  store: StoreKind;
  documents: readonly CrashDocument[];
  undisturbed: Undisturbed;
  /** The most kills; a run that finishes before its kill ends the round. */
  kills: number;
  random: SeededRandom;
}

/** Kills several runs in one directory, lets the last one finish, and checks what is stored. */
export const runRound = (options: RoundOptions): Promise<RoundFindings> => {
  const { store, documents, undisturbed, random } = options;
  return inFreshPlace(store, documents, async ({ cwd, services, command }) => {
    const kills: Kill[] = [];
    const problems: string[] = [];
    let runs = 0;
    let partial: string[] = [];
    while (kills.length < options.kills) {
      const run = await command.run({ plan: drawKill(random, store, undisturbed.pace, options.kills) });
      runs += 1;
      if (run.signal !== "SIGKILL") {
        problems.push(...complaints("a run after kills", run, documents.length, "SUBMISSION_UNKNOWN"));
        break;
      }
      const earlier = new Set(partial);
      partial = await partialFiles(cwd);
      kills.push({ during: run.last, leftPartialFile: partial.some((name) => !earlier.has(name)) });
    }

    const plain = await command.run();
    const before = snapshot(services);
    problems.push(...complaints("the plain run", plain, documents.length, "SUBMISSION_UNKNOWN"));
    const failures = readReport(plain)?.failures ?? [];
    const unknown = failures.filter(({ code }) => code === "SUBMISSION_UNKNOWN");

    const last = await command.run({ more: ["--resubmit-unknown"] });
    problems.push(...complaints("the last run", last, documents.length));
    const left = await partialFiles(cwd);
    if (left.length > 0) problems.push(`${left.length} unfinished files of dead writers are left`);

    const after = snapshot(services).slice(before.length);

    // Another collection is filled from the kept results, none of which may be incomplete.
    const asked = services.emulator.requests.length;
    const again = await command.run({ more: ["--collection", ANOTHER] });
    problems.push(...complaints("the run from kept results", again, documents.length));
    const more = services.emulator.requests.length - asked;
    if (more > 0) problems.push(`kept results were not enough: ${more} more requests to the parse service`);

    const points = await readPoints(cwd, services);
    const { lost, duplicated } = comparePoints(undisturbed.points, points);
    const other = comparePoints(undisturbed.points, await readPoints(cwd, services, ANOTHER));
    return {
      kills,
      runs: runs + 3,
      lost: [
        ...lost,
        ...findLostSegments(documents, points),
        ...unaccounted(undisturbed, last),
        ...other.lost,
        ...unaccounted(undisturbed, again),
      ],
      duplicated: [...duplicated, ...other.duplicated],
      ...auditPayments({
        before,
        after,
        reportedUnknown: unknown.map(({ source }) => path.basename(source)),
      }),
      textsEmbedded: services.textsEmbedded(),
      problems,
    };
  });
};
