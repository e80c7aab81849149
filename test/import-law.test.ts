import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const IMPORT =
  /^\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)|new URL\("(\.[^"]+\.js)"/gm;

const sourceFiles = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    // What bundles the page is no part of it.
    .filter((name) => /\.(tsx?|js)$/.test(name) && !name.endsWith("vite.config.ts"))
    .map((name) => path.posix.join(folder, name.split(path.sep).join("/")));

const files = [...sourceFiles("src"), ...sourceFiles("loaders")];
const text = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), "utf8")]));

const resolveImport = (from: string, specifier: string): string => {
  const target = path.posix.join(path.posix.dirname(from), specifier);
  const names = [target, target.replace(/\.js$/, ".ts"), target.replace(/\.js$/, ".tsx")];
  return names.find((name) => text.has(name)) ?? target;
};

/** Returns every project file that a file imports, including by `import type` and dynamic imports. */
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
  "src/stores/model-mismatch.ts",
  "src/embeddings/model.ts",
  "src/embeddings/isolate.ts",
  "src/ledger/ledger.ts",
  "src/ledger/record.ts",
  "src/ledger/claims.ts",
  "src/ledger/parse-key.ts",
  "src/ledger/result-archive.ts",
  "src/ledger/standing.ts",
  "src/queue/queue.ts",
  "src/ingest/run/credit-budget.ts",
  "src/ingest/run/credit-account.ts",
  // The request options of the service, which the emulator accepts too.
  "src/parse-api/jobs/request-options.ts",
  "src/parse-api/jobs/request-fields.ts",
  "src/parse-api/jobs/dialects.ts",
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
  queue: [...GROUND, "documents"],
  budget: [...GROUND, "parse-api", "contracts"],
  emulator: [...GROUND, "contracts"],
  ingest: [...GROUND, "documents", "contracts"],
  worker: [...GROUND, "documents", "contracts", "ingest", "telemetry"],
  distributed: [
    ...GROUND,
    "documents",
    "contracts",
    "ledger",
    "queue",
    "worker",
    "ingest",
    "budget",
    "parse-api",
  ],
  retrieval: [...GROUND, "documents", "contracts"],
  telemetry: [...GROUND, "ingest"],
  inspect: [...GROUND, "documents", "splitters", "contracts", "retrieval"],
};
/**
 * The subfolders of each module, lowest first: a file may import from its own subfolder and lower ones.
 * Files beside them are nodes of their own, so no subfolder and no such file may depend on itself in a circle.
 */
const SUBFOLDERS: Record<string, string[]> = {
  internal: [
    "async",
    "numbers",
    "http",
    "object-store",
    "text",
    "markup/html",
    "markup/math",
    "markup",
    "json",
    "lmdb",
    "postgres",
  ],
  documents: ["labels", "sections", "text"],
  "parse-api": ["limits", "http", "pages", "jobs", "results"],
  splitters: [
    "text",
    "tables/figures",
    "tables/reading",
    "tables/splitting",
    "boxes/words",
    "boxes/alignment",
    "boxes",
    "captions",
    "worker",
  ],
  embeddings: ["cache", "local", "openai/answers", "openai/requests", "openai"],
  stores: ["langchain", "lancedb", "qdrant/http", "qdrant/points", "qdrant"],
  ledger: ["lmdb", "postgres", "results"],
  queue: ["pg-boss"],
  worker: ["health"],
  budget: ["postgres"],
  ingest: ["run", "document"],
  retrieval: ["rerank", "expand", "evaluate", "tool"],
  emulator: ["http", "jobs", "routes"],
  // The page knows the contract only, a file beside it.
  inspect: [
    "page/shared",
    "page/pdf",
    "page/document/model",
    "page/document/overlay",
    "page/document/sheet",
    "page/document/pages",
    "page/document/panel",
    "page/document",
    "page/documents",
    "page/question",
    "page/report",
    "page",
    "data",
    "http",
    "export",
  ],
  cli: ["terminal", "setup/sources", "setup", "config", "doctor", "commands", "program"],
};

/** Returns the subfolder of a file in its module, or the file itself when it is beside the subfolders. */
const roomOf = (file: string): string => {
  const inModule = file.split("/").slice(2).join("/");
  return inModule.includes("/") ? path.posix.dirname(inModule) : inModule;
};

/** Free to choose concrete stores, embeddings and loaders. */
const CHOOSERS = new Set(["cli", "index"]);

const expectNoCycle = (nodes: Iterable<string>, next: (node: string) => Iterable<string>): void => {
  const done = new Set<string>();
  const visit = (node: string, trail: string[]): void => {
    const start = trail.indexOf(node);
    expect(start === -1 ? [] : [...trail.slice(start), node], "a cycle").toEqual([]);
    if (done.has(node)) return;
    for (const target of next(node)) visit(target, [...trail, node]);
    done.add(node);
  };
  for (const node of nodes) visit(node, []);
};

describe("the import law", () => {
  it("finds the source files and their imports", () => {
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

  it.each(files)("%s imports no index file", (file) => {
    expect(importsOf(file).filter((target) => path.posix.basename(target) === "index.ts")).toEqual([]);
  });

  it.each(files)("%s has at most 400 lines", (file) => {
    expect((text.get(file) ?? "").split("\n").length - 1).toBeLessThanOrEqual(400);
  });

  it.each(Object.keys(SUBFOLDERS))("the subfolders of %s import downwards only", (module) => {
    const order = SUBFOLDERS[module] ?? [];
    const rooms = new Map<string, Set<string>>();
    for (const file of files.filter((name) => moduleOf(name) === module)) {
      const from = roomOf(file);
      const known = from.endsWith(".ts") || from.endsWith(".js") || order.includes(from);
      expect(known, `${file} stands in a subfolder that has no place in the order`).toBe(true);
      for (const target of importsOf(file)) {
        const into = roomOf(target);
        if (moduleOf(target) !== module || into === from) continue;
        rooms.set(from, (rooms.get(from) ?? new Set()).add(into));
        if (!order.includes(from) || !order.includes(into)) continue;
        expect(order.indexOf(into), `${file} may not import ${target}`).toBeLessThan(order.indexOf(from));
      }
    }
    expectNoCycle(rooms.keys(), (room) => rooms.get(room) ?? []);
  });

  it("has no cycle", () => {
    expectNoCycle(files, importsOf);
  });
});

describe("the tests", () => {
  it("keep their support code in test/support and the contract suites in test/contract", () => {
    const others = readdirSync(path.join(ROOT, "test"), { recursive: true, encoding: "utf8" })
      .map((name) => name.split(path.sep).join("/"))
      .filter((name) => /\.(ts|js)$/.test(name) && !/^(support|contract)\//.test(name));
    expect(others.length).toBeGreaterThan(100);
    expect(others.filter((name) => !name.endsWith(".test.ts"))).toEqual([]);
  });
});
