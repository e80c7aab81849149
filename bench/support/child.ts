import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Started {
  child: ChildProcess;
  ended: Promise<unknown>;
  /** The first line of its output, as an object. */
  told: Map<string, unknown>;
}

/** Starts a TypeScript file in its own process, so that memory and processor time are its own. */
export const start = async (file: string, ...given: string[]): Promise<Started> => {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...given], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  for await (const line of createInterface(child.stdout)) {
    const told: unknown = JSON.parse(line);
    return { child, ended, told: new Map<string, unknown>(Object.entries(Object(told))) };
  }
  throw new Error(`${file} ended without an answer`);
};

/** Runs a file until it ends. @returns the numbers that it printed */
export const runChild = async (file: string, ...given: string[]): Promise<Map<string, number>> => {
  const { told, ended } = await start(file, ...given);
  await ended;
  return new Map([...told].map(([key, value]) => [key, Number(value)]));
};

/** Prints the result of a process that {@link start} has started. */
export const tell = (told: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(told)}\n`);
};

/** Measures wall-clock and processor time of this process from now on, and its peak memory since its start. */
export const stopwatch = () => {
  const begun = performance.now();
  const used = process.cpuUsage();
  return () => {
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(used);
    return { seconds, cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1_000 };
  };
};
