import { describe, expect, it } from "vitest";
import { STORES } from "../support/crash/services.js";
import { formatFindings, runSuite } from "../support/crash/suite.js";

/** `npm run crash` is the long version of this. */
const seed = process.env["CRASH_SEED"] ?? "a small crash";
const kills = Number(process.env["CRASH_KILLS"] ?? 14);

describe("the command when it is killed many times", () => {
  it(`loses nothing, duplicates nothing and pays for nothing twice (${kills} kills, seed "${seed}")`, async () => {
    const lines: string[] = [];
    const options = { kills, seed, stores: STORES, documents: 15, killsPerRound: 7 };
    const findings = await runSuite({ ...options, say: (line) => lines.push(line) });
    lines.push(formatFindings(findings));
    expect(findings, lines.join("\n")).toMatchObject({
      lost: 0,
      duplicated: 0,
      paidTwice: 0,
      problems: [],
    });
    expect(findings.kills.length).toBeGreaterThanOrEqual(kills);
  });
});
