import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { inject, onTestFinished } from "vitest";
import { type EmulatorOptions, startEmulator } from "../../src/emulator/index.js";
import { UnsiloedError } from "../../src/errors.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import type { UnsiloedClientOptions } from "../../src/parse-api/client-options.js";
import type { Dialect } from "../../src/parse-api/jobs/dialects.js";
import { AutoAdvanceClock } from "./clocks/auto-advance-clock.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Published form of the API that the service follows where a test names none. @default that of the emulator */
    dialect?: Dialect;
  }
}

export const API_KEY = "key-4711-secret";
export const REPORT = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");

export const readReport = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(REPORT, "utf8"));

/** Makes a small result: one chunk per page, each with this number of segments. */
export const smallResult = (pages = 1, segmentsPerPage = 2): Record<string, unknown> => ({
  chunks: Array.from({ length: pages }, (_chunk, page) => ({
    chunk_id: `chunk-${page + 1}`,
    segments: Array.from({ length: segmentsPerPage }, (_segment, index) => ({
      segment_id: `segment-${page + 1}-${index + 1}`,
      segment_type: "Text",
      content: `Text ${index + 1} of page ${page + 1}.`,
      page_number: page + 1,
    })),
  })),
});

/** Starts an emulator and a client on one clock that skips waits. Closes them when the test ends. */
export const openService = async (
  emulatorOptions: Partial<EmulatorOptions> = {},
  clientOptions: UnsiloedClientOptions = {},
) => {
  const clock = new AutoAdvanceClock();
  const emulator = await startEmulator({
    results: smallResult(),
    apiKey: API_KEY,
    clock,
    dialect: inject("dialect"),
    ...emulatorOptions,
  });
  onTestFinished(() => emulator.close());
  const quiet = { random: () => 0.5, onWarning: () => undefined };
  const options = { apiKey: API_KEY, baseUrl: emulator.url, clock, ...quiet, ...clientOptions };
  return { clock, emulator, options, client: new UnsiloedClient(options) };
};

/** Returns the error that a promise rejects with. */
export const errorOf = async (promise: Promise<unknown>): Promise<UnsiloedError> => {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof UnsiloedError) return thrown;
  throw new Error(`expected an UnsiloedError, got ${String(thrown)}`);
};

/** Makes a directory that is removed when the test ends. */
export const temporaryDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "unsiloed-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

export const pdf = (name = "report.pdf", text = "%PDF-1.7 test") => ({ data: Buffer.from(text), name });

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
