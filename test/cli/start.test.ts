import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const COMMAND = path.resolve(import.meta.dirname, "../../dist/src/cli");
const IMPORT = /^(?:import|export)\b(?:[^;"]*?\bfrom\s*)?\s*"([^"]+)"/gm;
const LATER = /\bimport\(\s*"([^"]+)"\s*\)/g;

const textOf = (file: string): string => readFileSync(file, "utf8");
const bundled = () => globSync(["run.js", "chunks/*.js"], { cwd: COMMAND, absolute: true });
const namesIn = (file: string, pattern: RegExp): string[] =>
  [...textOf(file).matchAll(pattern)].flatMap(([, name]) => name ?? []);

/** Follows the imports that Node loads together with a file. */
const loadedWith = (file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const name of namesIn(file, IMPORT))
    if (name.startsWith(".")) loadedWith(path.resolve(path.dirname(file), name), seen);
  return seen;
};

const kilobytes = (files: ReadonlySet<string>): number =>
  [...files].reduce((sum, file) => sum + textOf(file).length, 0) / 1024;

describe("what the command loads", () => {
  it("is bundled, except for packages with binaries and those that may be left out", () => {
    const names = bundled().flatMap((file) => [...namesIn(file, IMPORT), ...namesIn(file, LATER)]);
    const packages = names.filter((name) => !name.startsWith(".") && !isBuiltin(name));
    expect(packages).toContain("lmdb");
    const allowed = ["lmdb", ...Object.keys(manifest.peerDependenciesMeta)];
    const others = packages.filter(
      (name) => !allowed.some((one) => name === one || name.startsWith(`${one}/`)),
    );
    expect(others).toEqual([]);
  });

  it("for --help is few small files and no library of schemas", () => {
    const files = loadedWith(path.join(COMMAND, "run.js"));
    expect(files.size).toBeLessThan(25);
    expect(kilobytes(files)).toBeLessThan(180);
  });

  it("for ingest, until sources are found, has no splitter, tokenizer, client or runnable", () => {
    const [ingest = ""] = bundled().filter((file) => textOf(file).includes("runIngest = ("));
    const files = loadedWith(ingest);
    expect(kilobytes(files)).toBeLessThan(950);
    const text = [...files].map(textOf).join("\n");
    for (const name of ["TableSplitter = class", "RunnableSequence = class", "BytePairEncodingCore = class"])
      expect(text, name).not.toContain(name);
    expect(bundled().map(textOf).join("\n")).toContain("TableSplitter = class");
  });

  it("brings the licences of the packages in it", () => {
    const notices = textOf(path.join(COMMAND, "THIRD-PARTY-NOTICES.txt"));
    for (const name of ["commander", "openai", "undici", "zod", "@qdrant/js-client-rest"])
      expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
    expect(notices.match(/^Licen[cs]e: /gm)).toBeNull();
  });
});
