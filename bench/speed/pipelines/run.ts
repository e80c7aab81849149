// Runs one pipeline, as a program of its own: run.js PIPELINE WORK, where WORK is JSON.
import type { Pipeline, Work } from "./work.js";

/** The pipelines, each of which loads only its own code. */
const PIPELINES: Record<string, () => Promise<Pipeline>> = {
  own: async () => (await import("./own.js")).own,
  "own-no-words": async () => (await import("./own.js")).ownWithoutWords,
  "own-durable": async () => (await import("./own.js")).ownDurable(),
  "own-ledger": async () => (await import("./own.js")).ownDurable(["ledger"]),
  "own-ledger-results": async () => (await import("./own.js")).ownDurable(["ledger", "results"]),
  "own-ledger-cache": async () => (await import("./own.js")).ownDurable(["ledger", "cache"]),
  "own-results": async () => (await import("./own.js")).ownResults,
  "stock-at-once": async () => (await import("./stock.js")).stockAtOnce,
  "stock-at-once-1600": async () => (await import("./stock.js")).stockAtOnce1600,
  stock: async () => (await import("./stock.js")).stock,
  floor: async () => (await import("./floor.js")).floor,
  "floor-results": async () => (await import("./floor.js")).floorResults,
};

const [, , name = "", work = "{}"] = process.argv;
const load = PIPELINES[name];
if (!load) throw new Error(`expected one of ${Object.keys(PIPELINES).join(", ")}, got ${name}`);
const given: Work = JSON.parse(work);
const run = await load();
process.stdout.write(JSON.stringify({ points: await run(given) }));
