import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
const BUILT = "dist/src/index.js";
const BUILT_FROM = ["src", "loaders", "tsconfig.json"];

const changedAt = (name: string): number => statSync(path.join(ROOT, name)).mtimeMs;

/** Finds the newest change below a folder. Folders count too, because removing a file changes only them. */
const newestIn = (name: string): number => {
  if (!statSync(path.join(ROOT, name)).isDirectory()) return changedAt(name);
  const entries = readdirSync(path.join(ROOT, name), { recursive: true, encoding: "utf8" });
  return Math.max(changedAt(name), ...entries.map((entry) => changedAt(path.join(name, entry))));
};

const isStale = (): boolean => {
  if (!statSync(path.join(ROOT, BUILT), { throwIfNoEntry: false })) return true;
  return Math.max(...BUILT_FROM.map(newestIn)) > changedAt(BUILT);
};

/**
 * Builds the package when `dist` is missing or older than its sources.
 *
 * Tests in every project start programs that use the built package: threads, other processes, the command. An
 * old build would let them pass or fail for code that is no longer there.
 *
 * @throws when the build fails, so that no test uses an incomplete build
 */
export default function buildWhenStale(): void {
  if (!isStale()) return;
  try {
    execFileSync("npm", ["run", "--silent", "build"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      shell: process.platform === "win32",
    });
  } catch (cause) {
    const output = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : String(cause);
    throw new Error(`The tests need the built package, and "npm run build" failed:\n${output}`, { cause });
  }
}
