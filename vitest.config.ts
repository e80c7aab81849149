import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { globSync } from "tinyglobby";
import { defineConfig } from "vitest/config";

/** A test that takes longer hangs; a busy machine is no reason to fail, and nothing is asserted by it. */
const HANGS_AFTER_MS = 180_000;

/** Follows whole runs: ingests over local services, the command, examples, an editor, the docs' code, the packed package. */
const E2E = [
  "test/cli/**",
  "test/bench/**",
  "test/docs/**",
  "test/editor/**",
  "test/ingest/*.test.ts",
  "test/{examples,import-law,kubernetes,package,plain-english,readme}.test.ts",
];
/** Breaks one thing after another: services, files, the process itself, results. */
const FAULTS = ["test/faults/**", "test/crash/**", "test/hostile/**"];
/** Runs every implementation of a contract: sinks, ledgers, queues, embeddings, and the emulator against the published API. */
const CONTRACT = [
  "test/stores/**",
  "test/ledger/**",
  "test/queue/**",
  "test/budget/**",
  "test/distributed/**",
  "test/emulator/**",
  "test/embeddings/contract.test.ts",
];
const testsIn = (places: readonly string[]): string[] =>
  places.map((place) => (place.endsWith("**") ? `${place}/*.test.ts` : place));

/** Finds the tests in which a text occurs. */
const testsWith = (text: string, places: readonly string[]): string[] =>
  globSync(testsIn(places), { cwd: import.meta.dirname }).filter((file) =>
    readFileSync(path.join(import.meta.dirname, file), "utf8").includes(text),
  );

/** Use the page of `inspect` in a browser. */
const BROWSER = testsWith("describeInBrowser(", ["test/inspect/**"]);
/**
 * Runs the client against the parse service in its older form too: the files that start that service with
 * `openService`, which takes its form from the project. No other result can depend on the form.
 */
const WITH_SERVICE = testsWith("openService(", ["test/parse-api/**", "test/loaders/**"]);

export default defineConfig({
  test: {
    // Files share the process of their worker: starting one for each takes half a second.
    pool: "forks",
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: HANGS_AFTER_MS,
    hookTimeout: HANGS_AFTER_MS,
    expect: { poll: { timeout: HANGS_AFTER_MS, interval: 10 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: testsIn(["test/**"]),
          exclude: [...CONTRACT, ...E2E, ...FAULTS, ...BROWSER],
        },
      },
      {
        extends: true,
        test: { name: "older-dialect", include: WITH_SERVICE, provide: { dialect: "2026-03" } },
      },
      { extends: true, test: { name: "contract", include: testsIn(CONTRACT) } },
      { extends: true, test: { name: "e2e", include: [...testsIn(E2E), ...BROWSER] } },
      { extends: true, test: { name: "faults", include: testsIn(FAULTS) } },
    ],
    globalSetup: "test/support/build-when-stale.ts",
  },
});
