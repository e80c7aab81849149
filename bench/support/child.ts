import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Started {
  child: ChildProcess;
  ended: Promise<unknown>;
  /** The first line it printed, as an object. */
  told: Map<string, unknown>;
}

/** Starts a TypeScript file as a process of its own, so that its memory and its processor time are its own. */
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

/** Runs a file to its end. @returns what it printed, every value a number */
export const runChild = async (file: string, ...given: string[]): Promise<Map<string, number>> => {
  const { told, ended } = await start(file, ...given);
  await ended;
  return new Map([...told].map(([key, value]) => [key, Number(value)]));
};

/** Prints what a process started by {@link start} has to tell. */
export const tell = (told: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(told)}\n`);
};

/** Time, processor time and peak memory of this process from now on; the memory from its start. */
export const stopwatch = () => {
  const begun = performance.now();
  const used = process.cpuUsage();
  return () => {
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(used);
    return { seconds, cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1_000 };
  };
};
