import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const STATIC_IMPORT = /^(?:import|export)\s(?!type\s)(?:[^;"]*?from\s+)?"([^"]+)"/gm;

/** Lists the packages that a source file loads before anything runs, by its own imports and those of its imports. */
const packagesLoadedBy = (entry: string): Set<string> => {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(STATIC_IMPORT)) {
      if (name.startsWith(".")) visit(path.resolve(path.dirname(file), name.replace(/\.js$/, ".ts")));
      else if (!name.startsWith("node:")) packages.add(name);
    }
  };
  visit(path.resolve(import.meta.dirname, entry));
  return packages;
};

describe("--help", () => {
  it("loads no package but the one that reads the command line", () => {
    expect([...packagesLoadedBy("../../src/cli/run.ts")]).toEqual(["commander"]);
  });
});
