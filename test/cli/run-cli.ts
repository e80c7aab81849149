import { spawn } from "node:child_process";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** The built command, as users run it. */
const MAIN = path.join(ROOT, "dist/src/cli/main.js");

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd: string;
  env?: Record<string, string>;
  /** Called with what has come on stderr so far; return a signal to send it. */
  onStderr?: (stderr: string) => NodeJS.Signals | undefined;
}

/** Runs the command in a directory of its own, with no key in its environment but those given. */
export const runCli = (args: string[], { cwd, env = {}, onStderr }: CliOptions): Promise<CliRun> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const run: CliRun = { code: null, stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      run.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      run.stderr += text;
      const signal = onStderr?.(run.stderr);
      if (signal) child.kill(signal);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...run, code }));
  });
