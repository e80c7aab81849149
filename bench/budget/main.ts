import { parseArgs } from "node:util";
import { runFleet } from "../../test/support/budget/fleet.js";
import { createDatabase } from "../../test/support/postgres.js";

// Processes that share one budget call the emulator as often as they may; it counts and refuses by itself.

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "4" },
    requests: { type: "string", default: "60" },
    /** Seconds of a window. */
    window: { type: "string", default: "60" },
    windows: { type: "string", default: "2" },
  },
});

const figures = await runFleet({
  address: await createDatabase(),
  workers: Number(values.workers),
  requests: Number(values.requests),
  windowMs: Number(values.window) * 1000,
  windows: Number(values.windows),
});
const { calls, possible, refused, mostInWindow, byWorker } = figures;
console.log(
  `${calls} of ${possible} possible calls (${((100 * calls) / possible).toFixed(1)} %), ${refused} refused`,
);
console.log(`most in one window: ${mostInWindow} of ${values.requests}; by worker: ${byWorker.join(", ")}`);
process.exitCode = refused > 0 || mostInWindow > Number(values.requests) || calls < 0.95 * possible ? 1 : 0;
