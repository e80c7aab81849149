import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PostgresCallWindow } from "../../../src/budget/postgres/postgres-call-window.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { SAMPLE, submit } from "../emulator/requests.js";

export interface FleetOptions {
  address: string;
  workers: number;
  requests: number;
  windowMs: number;
  windows: number;
}

/** What processes did that share one budget. */
export interface FleetFigures {
  /** Calls that the emulator got within so many windows of the first. */
  calls: number;
  /** As many as the limit allows in that time. */
  possible: number;
  /** Calls that the emulator refused by its own count. */
  refused: number;
  /** The most calls that came within any one window. */
  mostInWindow: number;
  /** Calls of each process. */
  byWorker: number[];
}

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** Starts a process that calls once it is told to. */
const startWorker = async (values: readonly string[]) => {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", WORKER, ...values], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (!child.stdout) throw new Error("expected a process with an output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    go: () => child.stdin?.write("go\n"),
    calls: async () => Number((await lines.next()).value),
  };
};

/** Lets several processes call the emulator as often as they may. */
export const runFleet = async (options: FleetOptions): Promise<FleetFigures> => {
  const { address, workers, requests, windowMs, windows } = options;
  await PostgresCallWindow.migrate(address);
  const rateLimit = { requests, windowMs, statusToo: true };
  const emulator = await startEmulator({ results: SAMPLE, rateLimit });
  try {
    const jobId = await submit(emulator.url);
    const takesMs = windows * windowMs + windowMs / 4;
    const values = [address, emulator.url, jobId, requests, windowMs, takesMs].map(String);
    const fleet = await Promise.all(Array.from({ length: workers }, () => startWorker(values)));
    for (const { go } of fleet) go();
    const byWorker = await Promise.all(fleet.map(({ calls }) => calls()));
    const statuses = emulator.requests.filter(({ on }) => on === "status");
    const times = statuses.map(({ at }) => at).sort((a, b) => a - b);
    const [first = 0] = times;
    return {
      calls: times.filter((at) => at < first + windows * windowMs).length,
      possible: windows * requests,
      refused: statuses.filter(({ status }) => status === 429).length,
      mostInWindow: Math.max(
        ...times.map((at) => times.filter((other) => other > at - windowMs && other <= at).length),
      ),
      byWorker,
    };
  } finally {
    await emulator.close();
  }
};
