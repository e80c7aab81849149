import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { PostgresDatabase } from "../../src/internal/postgres/database.js";
import { KEY } from "../speed/pipelines/work.js";
import { COMMAND } from "../speed/program.js";
import type { Services } from "../speed/services/open.js";
import { median } from "../support/outcome.js";
import { type ProcessFigures, readFigures } from "./process-figures.js";

/** What a number of workers did with one queue. */
export interface WorkersFigures {
  workers: number;
  /** Documents that all workers stored in a second, once the first twentieth was stored. */
  documentsPerSecond: number;
  /** Processor time of all workers for a document. */
  cpuMsPerDocument: number;
  /** Documents that `enqueue` added in a second, its start included. */
  enqueuedPerSecond: number;
  /** The most memory that a worker used. */
  peakMb: number;
  /** The most that memory of a worker grew from the second thousand of documents (or tenth) to the last. */
  memoryGrowth: number;
}

export interface WorkersSetting {
  /** Holds the documents in `docs/`. */
  directory: string;
  services: Services;
  /** An empty database. */
  address: string;
  documents: number;
  workers: number;
}

interface Sample {
  at: number;
  stored: number;
  /** By worker; `undefined` for one that has ended. */
  figures: (ProcessFigures | undefined)[];
}

const SAMPLE_MS = 250;

/** Starts the command. @returns its process, and a promise that rejects when it fails */
const start = (cwd: string, { addresses }: Services, args: readonly string[]) => {
  const child: ChildProcess = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      UNSILOED_API_KEY: KEY,
      UNSILOED_BASE_URL: addresses.parse,
      EMBEDDINGS_API_KEY: KEY,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = child.stderr ? text(child.stderr) : Promise.resolve("");
  const ended = once(child, "exit").then(async ([code]) => {
    if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${(await said).slice(-2_000)}`);
  });
  return { child, ended };
};

const sample = async (database: PostgresDatabase, children: readonly ChildProcess[]): Promise<Sample> => {
  const [[row], figures] = await Promise.all([
    database.query<{ stored: number }>(
      "select count(*)::int as stored from unsiloed.documents where state = 'stored'",
    ),
    Promise.all(children.map(({ pid }) => readFigures(pid ?? 0))),
  ]);
  return { at: performance.now(), stored: row?.stored ?? 0, figures };
};

/** Memory of a worker while so many documents were being stored; `undefined` where there is no sample. */
const memoryBetween = (
  samples: readonly Sample[],
  worker: number,
  from: number,
  to: number,
): number | undefined => {
  const values = samples.flatMap(({ stored, figures }) => {
    const residentMb = figures[worker]?.residentMb;
    return residentMb !== undefined && stored >= from && stored <= to ? [residentMb] : [];
  });
  return values.length > 0 ? median(values) : undefined;
};

const summarize = (samples: readonly Sample[], { documents, workers }: WorkersSetting) => {
  const begun = samples.find(({ stored }) => stored >= documents / 20);
  const done = samples.find(({ stored }) => stored >= documents);
  if (!begun || !done) throw new Error(`only ${samples.at(-1)?.stored} of ${documents} were stored`);
  const names = Array.from({ length: workers }, (_, worker) => worker);
  const last = names.map((worker) => samples.findLast(({ figures }) => figures[worker])?.figures[worker]);
  const part = Math.min(1_000, documents / 10);
  const growth = names.flatMap((worker) => {
    const early = memoryBetween(samples, worker, part, 2 * part);
    const late = memoryBetween(samples, worker, documents - part, documents);
    return early !== undefined && late !== undefined ? [late / early] : [];
  });
  return {
    documentsPerSecond: (documents - begun.stored) / ((done.at - begun.at) / 1_000),
    cpuMsPerDocument:
      (1_000 * last.reduce((sum, figures) => sum + (figures?.cpuSeconds ?? 0), 0)) / documents,
    peakMb: Math.max(...last.map((figures) => figures?.peakMb ?? 0)),
    memoryGrowth: Math.max(...growth),
  };
};

/** Lets so many workers empty a queue of documents. */
export const measureWorkers = async (setting: WorkersSetting): Promise<WorkersFigures> => {
  const { directory, services, address, documents, workers } = setting;
  const { store, embed } = services.addresses;
  const state = ["--state", address];
  await start(directory, services, ["migrate", ...state]).ended;
  const enqueuedFrom = performance.now();
  await start(directory, services, ["enqueue", "docs", ...state]).ended;
  const enqueuedPerSecond = documents / ((performance.now() - enqueuedFrom) / 1_000);
  const args = [
    ...["work", "--until-empty", ...state, "--root", directory],
    ...["--store", `qdrant:${store}`, "--collection", `workers-${workers}`],
    ...["--embeddings", `${embed}#text-embedding-3-small`, "--keep-results", "none"],
    ...["--rate-limit", "1000000"],
  ];
  const started = await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const cwd = path.join(directory, `of-${workers}`, `worker-${index + 1}`);
      await mkdir(cwd, { recursive: true });
      return start(cwd, services, args);
    }),
  );
  const database = new PostgresDatabase(address);
  const samples: Sample[] = [];
  let hasEnded = false;
  const ended = Promise.all(started.map((worker) => worker.ended)).finally(() => {
    hasEnded = true;
  });
  const watch = async (): Promise<void> => {
    while (!hasEnded) {
      samples.push(
        await sample(
          database,
          started.map(({ child }) => child),
        ),
      );
      await delay(SAMPLE_MS);
    }
    samples.push(await sample(database, []));
  };
  try {
    await Promise.all([ended, watch()]);
  } finally {
    for (const { child } of started) child.kill("SIGKILL");
    await database.close();
  }
  return { workers, enqueuedPerSecond, ...summarize(samples, setting) };
};
