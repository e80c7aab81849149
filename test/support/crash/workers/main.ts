import { parseArgs } from "node:util";
import { z } from "zod";
import { areWorkersClean, formatWorkersFindings, runWorkersSuite } from "./suite.js";

const number = (initial: number) => z.coerce.number().int().min(1).default(initial);
const optionsSchema = z.object({
  workers: number(3),
  documents: number(500),
  kills: number(60),
  restarts: number(3),
  seed: z.string().min(1).default(String(Date.now())),
});

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: { workers: text, documents: text, kills: text, restarts: text, seed: text },
});
const options = optionsSchema.parse(values);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`seed: ${options.seed}`);
// The server of PostgreSQL does not keep a process alive that waits for its end.
const alive = setInterval(() => undefined, 1000);
const startedAt = performance.now();
const findings = await runWorkersSuite({ ...options, say });
say(`${formatWorkersFindings(findings)}\ntook: ${((performance.now() - startedAt) / 1000).toFixed()} s`);
clearInterval(alive);
process.exitCode = areWorkersClean(findings) ? 0 : 1;
