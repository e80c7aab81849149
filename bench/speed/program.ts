import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** Where the compiled programs of `pipelines/` are. */
const COMPILED = path.join(ROOT, "dist/bench/speed/pipelines");
export const COMMAND = path.join(ROOT, "dist/src/cli/main.js");

export const programOf = (name: string): string => path.join(COMPILED, `${name}.js`);

/** What a whole process took, its start included. */
export interface Used {
  /** From the call that starts it until it has ended. */
  seconds: number;
  cpuSeconds: number;
  peakMb: number;
  /** When it was started, in milliseconds since 1970. */
  startedAt: number;
}

const compile = async (): Promise<void> => {
  const compiler = path.join(ROOT, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [compiler, "-p", path.join(import.meta.dirname, "pipelines")]);
};

let compiled: Promise<void> | undefined;

/** Compiles `pipelines/` once, so that what is measured runs as users run it, without a loader of TypeScript. */
export const compilePipelines = (): Promise<void> => {
  compiled ??= compile();
  return compiled;
};

/** Variables of the machine that would change what is measured. */
const KEPT = ["PATH", "HOME", "TMPDIR"];

/**
 * Runs a program of Node to its end.
 *
 * @throws Error with what it printed when it fails
 */
export const runProgram = async (
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Used & { stdout: string }> => {
  const kept = Object.fromEntries(KEPT.map((name) => [name, process.env[name]]));
  const begun = performance.now();
  const child = spawn(process.execPath, ["--import", programOf("meter"), ...args], {
    env: { ...kept, ...variables },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const ended = once(child, "exit").then(([code]) => ({
    code,
    seconds: (performance.now() - begun) / 1_000,
  }));
  const [, out, err, meter] = child.stdio;
  const read = async (pipe: unknown) => (pipe instanceof Readable ? text(pipe) : "");
  const printed = Promise.all([read(out), read(err), read(meter)]);
  const [[stdout, stderr, metered], { code, seconds }] = await Promise.all([printed, ended]);
  if (code !== 0) throw new Error(`${args.slice(0, 2).join(" ")} ended with ${code}: ${stderr}${stdout}`);
  const { cpuSeconds, peakMb } = Object(JSON.parse(metered));
  return { seconds, cpuSeconds, peakMb, stdout, startedAt: performance.timeOrigin + begun };
};
