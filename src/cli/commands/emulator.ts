import { stat } from "node:fs/promises";
import path from "node:path";
import { FAULTS, type FaultName, type FaultRule, PHASES } from "../../emulator/fault-rules.js";
import type { OutcomeFunction } from "../../emulator/options.js";
import { startEmulator } from "../../emulator/server.js";
import { UnsiloedError } from "../../errors.js";
import type { Dialect } from "../../parse-api/jobs/dialects.js";
import { sampleFile } from "../setup/sample.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible, untilInterrupted } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";

export interface EmulatorCommandOptions {
  results?: string;
  port?: number;
  dialect?: Dialect;
  fault?: string[];
}

/** Long enough for a client to see a job in progress, short enough to try things out. */
const DELAYS = { startingMs: 200, queuedMs: 300, processingMs: 500 };

const isFaultName = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

/** Reads `PHASE=FAULT` or `PHASE=FAULT:TIMES`, such as `status=rate_limited:3`. */
export const readFault = (text: string): FaultRule => {
  const [, phase, fault = "", times = "1"] = /^(\w+)=(\w+)(?::([1-9]\d*|all))?$/.exec(text.trim()) ?? [];
  const refuse = (expected: string) =>
    new UnsiloedError("INVALID_OPTION", `--fault: expected ${expected}, got "${text}"`);
  if (phase === undefined) throw refuse("PHASE=FAULT or PHASE=FAULT:TIMES, such as status=rate_limited:3");
  const on = PHASES.find((known) => known === phase);
  if (!on) throw refuse(`one of the phases ${PHASES.join(", ")}`);
  if (!isFaultName(fault)) throw refuse(`one of the faults ${Object.keys(FAULTS).join(", ")}`);
  return { on, fault, times: times === "all" ? Number.POSITIVE_INFINITY : Number(times) };
};

const isFile = async (name: string): Promise<boolean> =>
  (await stat(name).catch(() => undefined))?.isFile() ?? false;

/** Chooses the saved result of a file by its name: `lease.pdf.json`, else `lease.json`, else the sample. */
const resultsOf =
  (directory: string | undefined, out: Terminal): OutcomeFunction =>
  async ({ fileName }) => {
    // A name may come from a URL or another system; only its last part may choose a file.
    const name = path.win32.basename(fileName);
    const saved = [`${name}.json`, `${path.parse(name).name}.json`];
    for (const file of directory === undefined ? [] : saved.map((each) => path.join(directory, each))) {
      if (!(await isFile(file))) continue;
      out.say(`${name}: answered with ${file}`);
      return file;
    }
    out.say(`${name}: answered with the sample result`);
    return sampleFile();
  };

/**
 * Runs `unsiloed-ingest emulator`: serves a local parse API until it is interrupted, so that the other commands can be
 * tried without an account. Being interrupted is how it ends, so the exit code is 0.
 */
export const runEmulator = (
  { results, port = 0, dialect, fault = [] }: EmulatorCommandOptions,
  out: Terminal,
): Promise<number> =>
  interruptible(out, async (signal) => {
    const faults = fault.map(readFault);
    if (results !== undefined && !(await stat(results).catch(() => undefined))?.isDirectory())
      throw new UnsiloedError("INVALID_OPTION", `--results: expected a directory, got "${results}"`);
    const emulator = await startEmulator({
      results: resultsOf(results, out),
      port,
      dialect,
      faults,
      delays: DELAYS,
    });
    try {
      out.print(`export UNSILOED_BASE_URL=${emulator.url}`);
      out.print("export UNSILOED_API_KEY=any");
      out.say("the emulator is running: run these lines in another terminal; press Ctrl-C to stop");
      await untilInterrupted(signal);
    } finally {
      await emulator.close();
    }
    return EXIT.ok;
  });
