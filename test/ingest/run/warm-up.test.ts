import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Preparation } from "../../../src/ingest/run/warm-up.js";
import { ManualClock } from "../../support/manual-clock.js";

/** Long enough for the clock, which ends a wait in the next turn. */
const pass = async () => {
  await setImmediate();
  await setImmediate();
};

const open = () => {
  const calls: string[] = [];
  const clock = new ManualClock();
  const splitter = { prepare: () => calls.push("splitter"), transformDocuments: async () => [] };
  const embeddings = { prepare: () => calls.push("embeddings"), embedDocuments: async () => [] };
  return { calls, clock, preparation: new Preparation(splitter, embeddings, clock) };
};

describe("what splitter and embeddings load", () => {
  it("waits until the first jobs are submitted, and is had ready for every later one", async () => {
    const { calls, clock, preparation } = open();
    preparation.begin();
    preparation.begin();
    expect(calls).toEqual([]);
    await pass();
    expect(clock.waits).toEqual([500]);
    expect(calls).toEqual(["splitter", "embeddings"]);
    preparation.begin();
    expect(calls).toEqual(["splitter", "embeddings", "splitter", "embeddings"]);
  });

  it("is not loaded when the run ends sooner", async () => {
    const { calls, preparation } = open();
    preparation.begin();
    preparation.end();
    await pass();
    expect(calls).toEqual([]);
  });

  it("may be nothing", async () => {
    const clock = new ManualClock();
    const splitter = { transformDocuments: async () => [] };
    const preparation = new Preparation(splitter, { embedDocuments: async () => [] }, clock);
    preparation.begin();
    await pass();
    expect(() => preparation.begin()).not.toThrow();
    preparation.end();
  });
});
