import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { type CliRun, startCli } from "../cli/run-cli.js";
import type { Activity, Moment } from "./activity.js";
import { FileWatch, momentOfFile } from "./file-watch.js";
import type { KillPlan } from "./kill-plan.js";
import type { Services } from "./services.js";

/** A run that takes longer hangs. */
const LONGEST_MS = 300_000;

const ARGUMENTS = [
  "ingest",
  "docs/",
  "--json",
  "--concurrency",
  "5",
  "--poll-interval",
  "40",
  "--rate-limit",
  "100000",
];

const reportSchema = z.object({
  sources: z.object({ total: z.number(), succeeded: z.number(), failed: z.number() }),
  failures: z.array(z.object({ source: z.string(), code: z.string(), message: z.string() })),
  segments: z.object({
    total: z.number(),
    stored: z.number(),
    filtered: z.record(z.string(), z.number()),
    failed: z.number(),
  }),
  points: z.object({ upserted: z.number() }),
});

export type Report = z.infer<typeof reportSchema>;

export interface Run extends CliRun {
  ms: number;
  /** Time until its first activity, or of the whole run when there was none. */
  startUpMs: number;
  /** Its last activity. */
  last: Moment | "start-up";
}

/** Runs the built command in its directory, watches it and, if there is a plan, kills it. */
export class IngestCommand {
  readonly #cwd: string;
  readonly #services: Services;
  readonly #activity: Activity;

  constructor(cwd: string, services: Services, activity: Activity) {
    this.#cwd = cwd;
    this.#services = services;
    this.#activity = activity;
  }

  async run(options: { plan?: KillPlan; more?: string[] } = {}): Promise<Run> {
    const { plan, more = [] } = options;
    const { store, env } = this.#services;
    const watch = new FileWatch(this.#cwd, (file) => {
      const moment = momentOfFile(file);
      if (moment) this.#activity.note(moment);
    });
    const stop = new AbortController();
    const startedAt = performance.now();
    let startUpMs: number | undefined;
    let left = plan?.nth ?? 0;
    const arguments_ = [...ARGUMENTS, "--store", store, ...more];
    const { child, ended } = startCli(arguments_, { cwd: this.#cwd, env });
    let last: Run["last"] | undefined;
    const killAfter = async (ms: number): Promise<void> => {
      if (ms > 0) await delay(ms, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted || !child.kill("SIGKILL")) return;
      last ??= this.#activity.last;
    };
    this.#activity.restart((moment) => {
      startUpMs ??= performance.now() - startedAt;
      const isMeant = plan?.moment === moment || plan?.moment === "any";
      if (isMeant && --left === 0) void killAfter(plan?.afterMs ?? 0);
    });
    if (plan && !plan.moment) void killAfter(plan.afterMs);
    void killAfter(plan?.limitMs ?? LONGEST_MS);
    try {
      const run = await ended;
      const ms = performance.now() - startedAt;
      return { ...run, ms, startUpMs: startUpMs ?? ms, last: last ?? this.#activity.last };
    } finally {
      stop.abort();
      watch.close();
      this.#activity.restart();
    }
  }
}

/** Reads the report that a run printed; `undefined` when it printed none. */
export const readReport = ({ stdout }: CliRun): Report | undefined => {
  try {
    return reportSchema.parse(JSON.parse(stdout));
  } catch {
    return undefined;
  }
};

export const isBalanced = ({ segments }: Report): boolean =>
  segments.total ===
  segments.stored + segments.failed + Object.values(segments.filtered).reduce((sum, count) => sum + count, 0);

/** Describes how a run ended. */
export const describeEnd = ({ code, signal, stderr }: CliRun): string =>
  `${signal === null ? `exit code ${code}` : signal}: ${stderr.trim().split("\n").slice(-3).join(" | ")}`;
