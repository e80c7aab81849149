import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imbalanceOf, lookAt, outcomeOf, paidTwice } from "../support/faults/oracle.js";
import { type Files, World } from "../support/faults/world.js";
import { isLeftOut, SHARE_SEED } from "../support/thorough.js";

const MAIN = path.resolve(import.meta.dirname, "../../dist/src/cli/main.js");

/** The maximum file size in KiB, with the number of documents: each pair lets the command get a little further. */
const LIMITS = [
  { kib: 0, documents: 3 },
  { kib: 30, documents: 3 },
  { kib: 70, documents: 3 },
  // The ledger starts, and exceeds its limit while many documents are in flight.
  { kib: 70, documents: 30 },
  { kib: 90, documents: 30 },
];

const filesOf = (documents: number): Files =>
  Object.fromEntries(Array.from({ length: documents }, (_, n) => [`${n}.pdf`, `alpha${n} beta${n}`]));

describe.runIf(process.platform === "linux")(`a disk that is full (seed ${SHARE_SEED})`, () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open({ store: "lancedb" });
  });
  afterEach(() => world.close());

  const runLimited = async (kib: number) => {
    const { args, env } = await world.prepareCommand();
    const limited = ["-c", `ulimit -f ${kib}; exec "$@"`, "bash", process.execPath, MAIN, "ingest", ...args];
    const options = {
      cwd: world.directory,
      env: { PATH: process.env["PATH"], HOME: world.directory, ...env },
    };
    return promisify(execFile)("bash", limited, options).then(
      ({ stdout, stderr }) => ({ code: 0, signal: null, stdout, stderr }),
      ({ code, signal, stdout, stderr }) => ({ code, signal, stdout, stderr }),
    );
  };

  for (const [index, { kib, documents }] of LIMITS.entries())
    it(`at files of ${kib} KiB for ${documents} documents is named, and nothing is lost or paid twice afterwards`, {
      skip: isLeftOut(index, 2),
    }, async () => {
      const files = filesOf(documents);
      const alone = await World.open({ store: "lancedb" });
      alone.files = files;
      await alone.run();
      const expected = await lookAt(alone);
      await alone.close();

      world.files = files;
      const { code, signal, stdout, stderr } = await runLimited(kib);
      expect(signal, stderr).toBeNull();
      const report = JSON.parse(stdout);
      if (!report.error) {
        expect(imbalanceOf(report, documents)).toEqual([]);
        if (code !== 0) expect([code, report.stopped?.code], stderr).toEqual([1, "LEDGER_FAILED"]);
      } else {
        expect(code, stderr).toBe(2);
        expect(report.error).toMatchObject({ code: expect.stringMatching(/^[A-Z]+_[A-Z]+$/) });
        expect(stderr).toMatch(/^error: [A-Z]+_[A-Z]+: /m);
      }

      const calm = await world.run();
      const outcome = outcomeOf(calm);
      const isUnknown = outcome === "SUBMISSION_UNKNOWN";
      if (isUnknown) expect(paidTwice(world)).toEqual([]);
      else expect(outcome).toBe("recovered");
      if (isUnknown) expect(outcomeOf(await world.run({ resubmitUnknown: true }))).toBe("recovered");
      const points = Object.entries(await lookAt(world)).map(([docId, found]) => [
        docId,
        found.points.length,
      ]);
      expect(points).toEqual(Object.entries(expected).map(([docId, found]) => [docId, found.points.length]));
      expect(paidTwice(world, isUnknown ? 2 : 1)).toEqual([]);
    });
});
