import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MODELS, STORES } from "../src/cli/setup/registry.js";
import { BUILDERS, type Build } from "./support/bundles/builders.js";
import { EXTERNALS, Project } from "./support/bundles/project.js";
import { listen } from "./support/listen.js";
import { OpenAIServer } from "./support/openai/server.js";
import { isLeftOut, SHARE_SEED } from "./support/thorough.js";

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, "..");
const bin = (name: string) => path.join(ROOT, "node_modules/.bin", name);

/** Returns the packages of node_modules that a program loads. */
const packagesLoadedBy = async (statement: string): Promise<Set<string>> => {
  const program = `
    import { register } from "node:module";
    const seen = new Set();
    register("data:text/javascript," + encodeURIComponent(\`
      let port; export const initialize = (data) => { port = data.port; };
      export const load = async (url, context, next) => { port.postMessage(url); return next(url, context); };
    \`), import.meta.url, { data: { port: CHANNEL.port2 }, transferList: [CHANNEL.port2] });
    CHANNEL.port1.on("message", (url) => seen.add(url));
    ${statement};
    // The loader reports in order, so nothing is missing once it has reported this one.
    const last = "data:text/javascript,0";
    await import(last);
    while (!seen.has(last)) await new Promise((resolve) => setImmediate(resolve));
    const commonJs = Object.keys((await import("node:module")).default._cache);
    console.log(JSON.stringify([...seen, ...commonJs]));
    process.exit(0);
  `;
  const { stdout } = await run(
    process.execPath,
    ["--input-type=module", "-e", `const CHANNEL = new MessageChannel();\n${program}`],
    { cwd: ROOT },
  );
  const urls: string[] = JSON.parse(stdout);
  const names = urls.map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
};

describe("the packed package", () => {
  let directory: string;
  let tarball: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-pack-"));
    const { stdout } = await run(
      "npm",
      ["pack", "--json", "--ignore-scripts", "--pack-destination", directory],
      {
        cwd: ROOT,
      },
    );
    const packed: unknown = JSON.parse(stdout);
    const name = /"filename":\s*"([^"]+)"/.exec(JSON.stringify(packed))?.[1] ?? "";
    tarball = path.join(directory, name);
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("is accepted by publint and attw as an ESM package", async () => {
    await expect(run(bin("publint"), ["--strict", tarball], { cwd: ROOT })).resolves.toBeDefined();
    await expect(run(bin("attw"), [tarball, "--profile", "esm-only"], { cwd: ROOT })).resolves.toBeDefined();
  });

  it("contains only the files that users need", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout.trim().split("\n");
    expect(files).toContain("package/dist/src/cli/main.js");
    expect(files).toContain("package/examples/data/annual-report.json");
    expect(files).toContain("package/examples/01-load-a-job.ts");
    // Editors need these two to open the source of a declaration.
    expect(files).toContain("package/dist/src/index.d.ts.map");
    expect(files).toContain("package/src/index.ts");
    expect(files.filter((file) => /\/(test|bench|node_modules)\//.test(file))).toEqual([]);
  });

  it("declares every package that its files import", async () => {
    const {
      dependencies,
      peerDependencies,
    }: Record<string, Record<string, string>> = JSON.parse(
      await readFile(path.join(ROOT, "package.json"), "utf8"),
    );
    const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
    const undeclared: string[] = [];
    const files = globSync(["dist/**/*.js", "!dist/bench/**", "!dist/src/inspect/page/**"], { cwd: ROOT });
    for (const file of files) {
      const text = await readFile(path.join(ROOT, file), "utf8");
      for (const [, from, loaded] of text.matchAll(
        /^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"([^"]+)"|\b(?:import|require|resolve)\("([^"]+)"\)/gm,
      )) {
        const name = /^(?:@[^/]+\/)?[^./:@][^/:]*(?=\/|$)/.exec(from ?? loaded ?? "")?.[0];
        const isKnown =
          name === undefined || isBuiltin(name) || name === "unsiloed-ingest" || declared.has(name);
        if (!isKnown) undeclared.push(`${file}: ${name}`);
      }
    }
    expect(files.length).toBeGreaterThan(100);
    expect(undeclared).toEqual([]);
  });

  it("contains the files of the bundled model once", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout.trim().split("\n");
    for (const name of ["config.json", "tokenizer.json", "vectors.bin"]) {
      const copies = files.filter((file) => file.endsWith(`/local/model/${name}`));
      expect(copies).toEqual([`package/dist/src/embeddings/local/model/${name}`]);
    }
  });

  describe(`in a bundle (seed ${SHARE_SEED})`, () => {
    let project: Project;
    beforeAll(async () => {
      project = await Project.create(tarball);
    });
    afterAll(() => project.remove());

    /** Bundles the program and runs it elsewhere, on a parse service that knows no job. */
    const outcomes = async (build: Build, external: string[], installed: string[]) => {
      const service = createServer((_request, response) => response.writeHead(404).end());
      const address = `http://127.0.0.1:${await listen(service)}`;
      return project.run(await project.bundle(build, external), [...external, ...installed], address);
    };

    for (const [index, [name, build]] of Object.entries(BUILDERS).entries()) {
      const skip = isLeftOut(index, Object.keys(BUILDERS).length);
      it(`of ${name} it takes thread and model from the package where that is installed`, {
        skip,
      }, async () => {
        expect(await outcomes(build, EXTERNALS, ["unsiloed-ingest"])).toEqual({
          splits: expect.any(Number),
          isSame: true,
          threads: 1,
          found: expect.stringContaining("Larch East"),
          request: expect.objectContaining({ code: "JOB_NOT_FOUND" }),
        });
      });

      it(`of ${name} it splits without a thread elsewhere, and says what the model needs`, {
        skip,
      }, async () => {
        expect(await outcomes(build, EXTERNALS, [])).toMatchObject({
          isSame: true,
          threads: 0,
          found: {
            code: "MISSING_PACKAGE",
            message: expect.stringContaining("install the package unsiloed-ingest where your bundle runs"),
          },
          request: { code: "JOB_NOT_FOUND" },
        });
      });
    }

    it("says that undici has to be external, where a bundler cannot hold it", async () => {
      const external = EXTERNALS.filter((name) => name !== "undici");
      const { request } = await outcomes(BUILDERS["esbuild as ES module"], external, []);
      expect(request).toMatchObject({
        code: "MISSING_PACKAGE",
        message: expect.stringContaining('mark "undici" as external'),
      });
    });
  });
});

describe("entry points", () => {
  it("exist and export something", async () => {
    const { exports }: { exports: Record<string, string | { default: string }> } = JSON.parse(
      await readFile(path.join(ROOT, "package.json"), "utf8"),
    );
    const names = Object.entries(exports).flatMap(([name, target]) =>
      typeof target === "string" ? [] : [path.posix.join("unsiloed-ingest", name)],
    );
    expect(names.length).toBeGreaterThan(5);
    // In a process of its own, since Vitest would transform every file of the package.
    const program = `
      const counts = {};
      for (const name of ${JSON.stringify(names)}) counts[name] = Object.keys(await import(name)).length;
      console.log(JSON.stringify(counts));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT });
    for (const [name, count] of Object.entries<number>(JSON.parse(stdout)))
      expect(count, name).toBeGreaterThan(0);
  });

  it("of several machines says what to install where pg and pg-boss are missing", async () => {
    const program = `
      import { register } from "node:module";
      register("data:text/javascript," + encodeURIComponent(\`
        export const resolve = (name, context, next) => {
          if (name !== "pg" && name !== "pg-boss") return next(name, context);
          throw Object.assign(new Error("not installed"), { code: "ERR_MODULE_NOT_FOUND" });
        };
      \`));
      const { PostgresState } = await import("unsiloed-ingest/distributed");
      const state = new PostgresState("postgres://127.0.0.1/none");
      for (const call of [() => state.ledger.get("a.pdf"), () => state.queue.take(1)])
        await call().catch(({ code, message }) => console.log(code, message));
      await state.close();`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT });
    expect(stdout.match(/^MISSING_PACKAGE .*npm install .*pg/gm)).toHaveLength(2);
  });

  const HEAVY = [...STORES, ...MODELS].flatMap(({ packages = [] }) => packages);

  it("load no database, client, tokenizer or model, unless they are of one", async () => {
    const light = ["", "/loaders", "/retrieval", "/emulator", "/distributed"];
    const imports = light.map((entry) => `await import("unsiloed-ingest${entry}")`);
    const loaded = await packagesLoadedBy(imports.join("; "));
    expect(loaded).toContain("zod");
    expect(HEAVY).toContain("openai");
    expect([...HEAVY, "pg", "pg-boss"].filter((name) => loaded.has(name))).toEqual([]);
  });

  it.each([
    ["a question", false, 'await embeddings.embedQuery("How many?")'],
    ["documents", true, 'await embeddings.embedDocuments(["Some."])'],
  ])("embedding %s loads the tokenizer: %s", async (_what, isLoaded, call) => {
    const server = await OpenAIServer.start({ dimensions: 8 });
    try {
      const options = JSON.stringify({ apiKey: "key", baseURL: server.baseURL });
      const loaded = await packagesLoadedBy(`
          const { PackedOpenAIEmbeddings } = await import("unsiloed-ingest/embeddings/openai");
          const embeddings = new PackedOpenAIEmbeddings(${options});
          ${call}`);
      expect(loaded.has("gpt-tokenizer")).toBe(isLoaded);
    } finally {
      await server.close();
    }
  });

  it("are checked by a program that notices a heavy package", async () => {
    expect(await packagesLoadedBy('await import("gpt-tokenizer")')).toContain("gpt-tokenizer");
  });
});
