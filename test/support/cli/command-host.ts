// Runs commands one after the other in this process: each by importing the built command again, under another address.
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { CliRun } from "./run-cli.js";

/** What the host is told to run. */
export interface HostedCommand {
  main: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

let count = 0;

const run = async ({ main, args, cwd, env }: HostedCommand): Promise<CliRun> => {
  const written = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  const restore = streams.map((name) => {
    const { write } = process[name];
    process[name].write = (chunk: string | Uint8Array): boolean => {
      written[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      return true;
    };
    return () => {
      process[name].write = write;
    };
  });
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, main, ...args];
  process.exitCode = 0;
  count += 1;
  try {
    // What the entry point imports, once it has checked the version of Node.
    const run = path.join(path.dirname(main), "run.js");
    await import(`${pathToFileURL(run).href}?command=${count}`);
    return { ...written, code: Number(process.exitCode), signal: null };
  } finally {
    for (const each of restore) each();
  }
};

process.on("message", (command: HostedCommand) => {
  run(command).then(
    (result) => process.send?.({ result }),
    (thrown: unknown) => process.send?.({ problem: String(thrown) }),
  );
});
process.on("disconnect", () => process.exit());
