import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, SERVICE_CELLS, timesOf } from "../support/faults/cells.js";
import {
  type Found,
  findLies,
  imbalanceOf,
  lookAt,
  outcomeOf,
  paidTwice,
  stateOf,
} from "../support/faults/oracle.js";
import { printMatrix } from "../support/faults/print-matrix.js";
import { FILES, type RunEnd, type RunOptions, World } from "../support/faults/world.js";
import { isLeftOut, SHARE_SEED } from "../support/thorough.js";

const BEFORE = { "a.pdf": "alpha zero", "b.pdf": "beta two" };

let expected: Found;
const seen = new Map<string, string>();

beforeAll(async () => {
  const world = await World.open();
  await world.run();
  expected = await lookAt(world);
  await world.close();
});
afterAll(() => printMatrix(SERVICE_CELLS, seen));

const expectHonest = ({ report }: RunEnd, found: Found): void => {
  if (!report) return;
  expect(imbalanceOf(report, Object.keys(FILES).length)).toEqual([]);
  expect(findLies(report, found, expected)).toEqual([]);
  for (const { doc_id, code } of report.failures) {
    const state = code === "SUBMISSION_UNKNOWN" ? "submitting" : "failed";
    expect([doc_id, stateOf(found, doc_id)]).toEqual([doc_id, state]);
  }
};

/** Options that allow a second payment for a document, by the outcome of the first run. */
const LEAVE: Readonly<Record<string, RunOptions>> = {
  SUBMISSION_UNKNOWN: { resubmitUnknown: true },
  JOB_FAILED: { retryFailedJobs: true },
  PII_BLOCKED: { retryFailedJobs: true },
};

const judge = async (cell: Cell, frequency: "once" | "always"): Promise<void> => {
  const world = await World.open(cell.world);
  try {
    if (cell.before === "another version") {
      world.files = BEFORE;
      await world.run();
      world.files = FILES;
    }
    cell.strike(world, timesOf(frequency));
    const disturbed = await world.run();
    const outcome = outcomeOf(disturbed);
    seen.set(`${cell.stage}|${cell.fault}|${frequency}`, outcome);
    const found = await world.undisturbed(() => lookAt(world));
    expectHonest(disturbed, found);
    expect(outcome).toBe(cell[frequency]);
    expect(paidTwice(world)).toEqual([]);
    if (outcome === "recovered") return expect(found).toEqual(expected);

    const leave = LEAVE[outcome];
    if (leave) {
      expect(outcomeOf(await world.run())).toBe(outcome);
      expect(paidTwice(world)).toEqual([]);
    }
    const calm = await world.run(leave);
    expect(outcomeOf(calm)).toBe("recovered");
    const mended = await lookAt(world);
    expectHonest(calm, mended);
    expect(mended).toEqual(expected);
    // A job without a file was not paid for.
    expect(paidTwice(world, leave || outcome === "UPLOAD_FAILED" ? 2 : 1)).toEqual([]);
  } finally {
    await world.close();
  }
};

const FREQUENCIES = ["once", "always"] as const;

describe.concurrent(`a fault of a service is recovered from or reported (seed ${SHARE_SEED})`, () => {
  for (const [index, cell] of SERVICE_CELLS.entries())
    for (const [turn, frequency] of FREQUENCIES.entries())
      it(`${cell.stage} × ${cell.fault}, ${frequency}`, { skip: isLeftOut(2 * index + turn, 3) }, () =>
        judge(cell, frequency),
      );
});
