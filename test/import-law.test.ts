import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const IMPORT =
  /^\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)|new URL\("(\.[^"]+\.js)"/gm;

const sourceFiles = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|js)$/.test(name))
    .map((name) => path.posix.join(folder, name.split(path.sep).join("/")));

const files = [...sourceFiles("src"), ...sourceFiles("loaders")];
const text = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), "utf8")]));

const resolveImport = (from: string, specifier: string): string => {
  const target = path.posix.join(path.posix.dirname(from), specifier);
  return text.has(target) ? target : target.replace(/\.js$/, ".ts");
};

/** Every project file a file imports, `import type` and dynamic imports included. */
const importsOf = (file: string): string[] =>
  [...(text.get(file) ?? "").matchAll(IMPORT)].map((match) =>
    resolveImport(file, match[1] ?? match[2] ?? match[3] ?? ""),
  );

const moduleOf = (file: string): string => {
  const [top, second = ""] = file.split("/");
  return top === "loaders" ? "loaders" : second.replace(/\.ts$/, "");
};

/** Contracts that the pipeline and retrieval may know; everything else in those folders is a concrete choice. */
const CONTRACTS = new Set([
  "src/stores/sink.ts",
  "src/stores/filter.ts",
  "src/embeddings/model.ts",
  "src/embeddings/isolate.ts",
  "src/ledger/ledger.ts",
  "src/ledger/record.ts",
  "src/ledger/claims.ts",
  "src/ledger/result-archive.ts",
]);

const GROUND = ["errors", "internal"];
const LAW: Record<string, string[]> = {
  errors: GROUND,
  internal: GROUND,
  documents: [...GROUND],
  "parse-api": [...GROUND, "documents"],
  loaders: [...GROUND, "documents", "parse-api"],
  splitters: [...GROUND, "documents"],
  embeddings: [...GROUND, "documents"],
  stores: [...GROUND, "documents"],
  ledger: [...GROUND, "documents"],
  emulator: GROUND,
  ingest: [...GROUND, "documents", "contracts"],
  retrieval: [...GROUND, "documents", "contracts"],
};
/** Free to choose concrete stores, embeddings and loaders. */
const CHOOSERS = new Set(["cli", "index"]);

describe("the import law", () => {
  it("sees the source and its imports", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(importsOf("src/index.ts")).toContain("loaders/file-loader.ts");
  });

  it.each(files)("%s imports only what its module may", (file) => {
    const own = moduleOf(file);
    const isEntryPoint = path.posix.basename(file) === "index.ts";
    for (const target of importsOf(file)) {
      expect(text.has(target), `${file} imports ${target}, which does not exist`).toBe(true);
      const into = moduleOf(target);
      if (into === own || CHOOSERS.has(own)) continue;
      const allowed = LAW[own] ?? [];
      const viaContract = allowed.includes("contracts") && CONTRACTS.has(target);
      expect(allowed.includes(into) || viaContract || isEntryPoint, `${file} may not import ${target}`).toBe(
        true,
      );
    }
  });

  it.each(files)("%s imports no index, which would hide where things are", (file) => {
    expect(importsOf(file).filter((target) => path.posix.basename(target) === "index.ts")).toEqual([]);
  });

  it.each(files)("%s has at most 250 lines", (file) => {
    expect((text.get(file) ?? "").split("\n").length - 1).toBeLessThanOrEqual(250);
  });

  it("has no cycle", () => {
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): void => {
      const start = trail.indexOf(file);
      expect(start === -1 ? [] : [...trail.slice(start), file], "a cycle").toEqual([]);
      if (done.has(file)) return;
      for (const target of importsOf(file)) visit(target, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });
});
