import { expect, it } from "vitest";
import { formatWorkersFindings, runWorkersSuite } from "../support/crash/workers/suite.js";
import { describeWithPostgres } from "../support/postgres.js";

/** `npm run crash:workers` is the long version of this. */
const seed = process.env["CRASH_SEED"] ?? "a few workers";
/** It starts a dozen processes, which takes half a minute, and many times that on a machine with much other work. */
const HANGS_AFTER_MS = 600_000;
const disturbance = { workers: 2, documents: 10, kills: 3, restarts: 1 };

describeWithPostgres("workers that are killed while PostgreSQL restarts", () => {
  it(
    `lose nothing, duplicate nothing and pay for nothing twice (seed "${seed}")`,
    async () => {
      const lines: string[] = [];
      const findings = await runWorkersSuite({ ...disturbance, seed, say: (line) => lines.push(line) });
      lines.push(formatWorkersFindings(findings));
      expect(findings, lines.join("\n")).toMatchObject({
        restarts: 1,
        lost: [],
        duplicated: [],
        paidTwice: [],
        problems: [],
      });
      expect(findings.kills, lines.join("\n")).toBeGreaterThanOrEqual(3);
      expect(findings.killsAmidWork, lines.join("\n")).toBeGreaterThanOrEqual(1);
    },
    HANGS_AFTER_MS,
  );
});
