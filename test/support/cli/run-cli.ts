import { type ChildProcess, fork, spawn } from "node:child_process";
import path from "node:path";
import type { HostedCommand } from "./command-host.js";

const ROOT = path.resolve(import.meta.dirname, "../../..");
/** Path of the built command. */
const MAIN = path.join(ROOT, "dist/src/cli/main.js");

export interface CliRun {
  code: number | null;
  /** The signal that ended it, if any. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd: string;
  env?: Record<string, string>;
  /** The user to run as, where this process may choose. */
  uid?: number;
  /** Called with all of stderr so far; return a signal to send it. */
  onStderr?: (stderr: string) => NodeJS.Signals | undefined;
}

const environmentOf = ({ cwd, env = {} }: CliOptions): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: cwd,
  ...env,
});

/** Starts the command in a directory, with only the given keys in its environment. */
export const startCli = (
  args: string[],
  options: CliOptions,
): { child: ChildProcess; ended: Promise<CliRun> } => {
  const { cwd, onStderr, uid } = options;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    ...(uid !== undefined && { uid, gid: uid }),
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const run = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    run.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    run.stderr += text;
    const signal = onStderr?.(run.stderr);
    if (signal) child.kill(signal);
  });
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ ...run, code, signal }));
  });
  return { child, ended };
};

/** Runs the command to its end, in a process of its own. */
export const runCli = (args: string[], options: CliOptions): Promise<CliRun> => startCli(args, options).ended;

/**
 * Runs the command on a terminal of 60 columns, by `script` of util-linux.
 *
 * @returns what it wrote to the terminal, control sequences included
 */
export const runOnTerminal = async (
  args: string[],
  options: CliOptions & { columns?: number },
): Promise<Pick<CliRun, "code"> & { written: string }> => {
  const { cwd, columns = 60 } = options;
  const quoted = [process.execPath, MAIN, ...args].map((part) => `'${part.replaceAll("'", "'\\''")}'`);
  const command = `stty cols ${columns} rows 24; exec ${quoted.join(" ")}`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd,
    env: { TERM: "xterm-256color", SHELL: "/bin/sh", ...environmentOf(options) },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, written }));
  });
};

/** The process that runs commands, and whether one has not ended yet. */
let host: { child: ChildProcess; isBusy: boolean } | undefined;

/** Starts the process that runs commands, which ends with this one. */
const startHost = () => {
  const child = fork(path.join(import.meta.dirname, "command-host.ts"), { execArgv: ["--import", "tsx"] });
  child.once("exit", () => {
    if (host?.child === child) host = undefined;
  });
  child.unref();
  child.channel?.unref();
  return { child, isBusy: false };
};

/**
 * Runs the command to its end in a process that other calls use, too, one after the other: starting one takes a second.
 * How a process ends, signals, and its memory are for {@link runCli} to test. A command that has not ended was left
 * behind by a test that failed, and ends with its process.
 */
export const runHosted = async (args: string[], options: CliOptions): Promise<CliRun> => {
  if (host?.isBusy) {
    host.child.kill("SIGKILL");
    host = undefined;
  }
  host ??= startHost();
  const own = host;
  const { child } = own;
  own.isBusy = true;
  const command: HostedCommand = { main: MAIN, args, cwd: options.cwd, env: environmentOf(options) };
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the host of commands ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (answer: { result: CliRun } | { problem: string }) => {
      child.off("exit", onExit);
      own.isBusy = false;
      if ("result" in answer) resolve(answer.result);
      else reject(new Error(answer.problem));
    });
    child.send(command);
  });
};

/** Starts `unsiloed-ingest emulator` and waits until it has printed what to export. */
export const startEmulatorCommand = async (
  args: string[],
  cwd: string,
): Promise<{ child: ChildProcess; ended: Promise<CliRun>; env: Record<string, string> }> => {
  const { child, ended } = startCli(["emulator", ...args], { cwd });
  let stdout = "";
  const exported = (name: string) => new RegExp(`^export ${name}=(\\S+)$`, "m").exec(stdout)?.[1];
  const env = await new Promise<Record<string, string>>((resolve, reject) => {
    child.stdout?.on("data", (text: string) => {
      stdout += text;
      const [UNSILOED_BASE_URL, UNSILOED_API_KEY] = ["UNSILOED_BASE_URL", "UNSILOED_API_KEY"].map(exported);
      if (UNSILOED_BASE_URL && UNSILOED_API_KEY) resolve({ UNSILOED_BASE_URL, UNSILOED_API_KEY });
    });
    void ended.then(({ stderr }) => reject(new Error(`ended without printing an address: ${stderr}`)));
  });
  return { child, ended, env };
};
