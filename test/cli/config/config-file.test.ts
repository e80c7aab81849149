import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../../support/cli/workspace.js";

const PACKAGE = path.resolve(import.meta.dirname, "../../..");
const QUICK = { pollInterval: 20, rateLimit: 100_000 };

describe("a config file", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/deep/b.pdf"]);
  });
  afterEach(() => space.close());

  const write = (file: string, text: string) => writeFile(space.path(file), text);
  const config = (value: object, file = "unsiloed.config.json") =>
    write(file, JSON.stringify({ ...QUICK, ...value }));
  /** Runs a command in a directory below. */
  const below = async (folder: string, ...args: string[]) => {
    const env = { ...space.env, HOME: space.cwd };
    const { stdout } = await space.cli([...args, "--json"], { cwd: space.path(folder), env });
    return JSON.parse(stdout);
  };
  const idsOf = async (folder = ".") =>
    (await below(folder, "status", "--all")).listed.map(({ doc_id }: { doc_id: string }) => doc_id);

  it("gives ingest and plan their sources", async () => {
    await config({ sources: ["docs/*.pdf"] });
    expect(await space.json("plan")).toMatchObject({ code: 0, actions: { submit: 1 } });
    const { code, stderr } = await space.cli(["ingest"]);
    expect(code).toBe(0);
    expect(stderr).toContain("config: unsiloed.config.json\n");
    expect(await idsOf()).toEqual(["docs/a.pdf"]);
  });

  it("is told of where no source is named", async () => {
    const { code, stderr } = await space.cli(["ingest"]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "source: expected files, directories, globs or addresses, got none; name them, or",
    );
  });

  it("makes ids, state and store the same from every directory below it", async () => {
    await config({ sources: ["docs"] });
    expect((await space.json("ingest")).sources).toMatchObject({ succeeded: 2 });
    for (const args of [
      ["ingest"],
      ["ingest", "b.pdf"],
      ["ingest", "../*.pdf"],
      ["ingest", space.path("docs")],
    ])
      expect(await below("docs/deep", ...args)).toMatchObject({
        sources: {
          failed: 0,
          succeeded: args[1]?.endsWith("pdf") ? 1 : 2,
          unchanged: args[1]?.endsWith("pdf") ? 1 : 2,
        },
        points: { upserted: 0 },
        store: "lancedb:.unsiloed/lancedb (unsiloed)",
      });
    expect(await idsOf("docs/deep")).toEqual(["docs/a.pdf", "docs/deep/b.pdf"]);
    expect(await below("docs/deep", "delete", "docs/a.pdf")).toMatchObject({
      deleted: [{ doc_id: "docs/a.pdf" }],
    });
    expect(space.emulator.submissions).toBe(2);
  });

  it("leaves paths that are typed where they were typed", async () => {
    await config({ state: "kept", store: "lancedb:vectors" });
    await mkdir(space.path("docs/a[1]"));
    await space.write("docs/a[1]/c.pdf");
    const typed = ["--state", "own", "--store", "lancedb:points", "--root", ".."];
    expect(await below("docs/a[1]", "ingest", "*.pdf", ...typed)).toMatchObject({
      sources: { succeeded: 1 },
      store: `lancedb:${path.join("docs/a[1]/points")} (unsiloed)`,
    });
    expect(await below("docs/a[1]", "status", "--all", "--state", "own")).toMatchObject({
      listed: [{ doc_id: "a[1]/c.pdf" }],
    });
    expect(await space.json("ingest", "result:docs/none.json")).toMatchObject({
      store: "lancedb:vectors (unsiloed)",
    });
  });

  it("is overridden by options, which are added to its parse options and policies", async () => {
    await config({
      sources: ["docs/a.pdf"],
      parse: { merge_tables: true, ocr_strategy: "force_ocr" },
      policies: { Picture: { minConfidence: 0.5, below: "drop" } },
      collection: "filed",
    });
    const report = await space.json("ingest", "--parse", "merge_tables=false", "--collection", "typed");
    expect(report).toMatchObject({ code: 0, store: "lancedb:.unsiloed/lancedb (typed)" });
    const [{ parse_options }] = (await space.json("status", "--all")).listed;
    expect(parse_options).toMatchObject({ merge_tables: false, ocr_strategy: "force_ocr" });
  });

  it("is overridden by a store that the environment names, but not by a key", async () => {
    await config({ sources: ["docs/a.pdf"], store: "lancedb:filed", embeddings: "local" });
    const { stdout } = await space.cli(["ingest", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      store: "lancedb:filed (unsiloed)",
      embeddings: expect.stringContaining("unsiloed-static"),
    });
    const env = { ...space.env, QDRANT_URL: "http://127.0.0.1:1" };
    const plan = await space.cli(["plan"], { env });
    expect(plan.stderr).toContain("127.0.0.1:1");
    const option = await space.cli(["plan", "--store", "lancedb:filed", "--json"], { env });
    expect(JSON.parse(option.stdout)).toMatchObject({ actions: { unchanged: 1 } });
  });

  it("uses the model's settings only with its own model", async () => {
    const url = `${space.openai.baseURL}#e5`;
    await config({
      sources: ["docs/a.pdf"],
      embeddings: url,
      queryPrefix: "query: ",
      documentPrefix: "passage: ",
    });
    expect((await space.json("ingest")).embeddings).toContain("e5");
    expect(space.openai.requests.at(-1)?.inputs[0]).toMatch(/^passage: /);
    expect((await space.json("search", "words")).code).toBe(0);
    expect(space.openai.requests.at(-1)?.inputs).toEqual(["query: words"]);
    const other = await space.json("plan", "--embeddings", "local", "--collection", "other");
    expect(other).toMatchObject({ code: 0 });
  });

  it("sets what search and evaluate do", async () => {
    await config({ sources: ["docs"], search: { k: 1, mode: "text", rerank: "none" } });
    await space.json("ingest");
    expect((await space.json("search", "page 1")).hits).toHaveLength(1);
    expect((await space.json("search", "page 1", "--k", "2")).hits).toHaveLength(2);
  });

  it("is read from its directory's .env, too", async () => {
    await config({ sources: ["docs/a.pdf"] });
    const { UNSILOED_API_KEY, ...rest } = space.env;
    const env = { ...rest, HOME: space.cwd };
    await write(".env", `UNSILOED_API_KEY=${UNSILOED_API_KEY}\n`);
    const run = await space.cli(["ingest", "--json"], { cwd: space.path("docs/deep"), env });
    expect(JSON.parse(run.stdout)).toMatchObject({ sources: { succeeded: 1 } });
  });

  it("is the nearest one, that of --config, or none with --no-config", async () => {
    await config({ sources: ["docs/a.pdf"] });
    await config({ sources: ["b.pdf"] }, "docs/deep/unsiloed.config.json");
    await config({ sources: ["nosuch.pdf"], collection: "special" }, "docs/special.json");
    const deep = { cwd: space.path("docs/deep"), env: { ...space.env, HOME: space.cwd } };
    const near = await space.cli(["plan", "--json"], deep);
    expect(near.stderr).toContain("config: unsiloed.config.json");
    expect(JSON.parse(near.stdout).documents).toMatchObject([{ doc_id: "b.pdf" }]);
    const named = await space.cli(["plan", "--json", "--config", "../special.json"], deep);
    expect(named.stderr).toContain("config: ../special.json");
    expect(JSON.parse(named.stdout).documents).toMatchObject([{ doc_id: "nosuch.pdf", action: "fail" }]);
    const before = await space.cli(["--config", "../special.json", "plan", "--json"], deep);
    expect(before.stdout).toBe(named.stdout);
    const none = await space.cli(["plan", "--no-config"], deep);
    expect(none.stderr).toContain("source: expected files");
    expect(none.stderr).not.toContain("config:");
    const missing = await space.cli(["plan", "--config", "nosuch.json"], deep);
    expect(missing.stderr).toMatch(/--config: the file ".*nosuch.json" does not exist/);
    expect(missing.code).toBe(2);
  });

  it("is not looked for above the home directory", async () => {
    await config({ sources: ["docs/a.pdf"] });
    const env = { ...space.env, HOME: space.path("docs") };
    const { stderr } = await space.cli(["plan"], { cwd: space.path("docs/deep"), env });
    expect(stderr).toContain("source: expected files");
  });

  it.each([
    ["{", "unsiloed.config.json: "],
    ["[]", "unsiloed.config.json: expected object"],
    ['{"chunksize": 3}', "unsiloed.config.json: unknown option chunksize; did you mean chunkSize?"],
    ['{"search": {"modus": 1}}', "unsiloed.config.json: search: unknown option modus; did you mean mode?"],
    ['{"chunkSize": "3"}', 'unsiloed.config.json: chunkSize: expected number, got "3" (string)'],
    [
      '{"parse": {"mergeTables": true}}',
      "unsiloed.config.json: parse: unknown option mergeTables; did you mean",
    ],
    [
      '{"policies": {"Picturre": {}}}',
      'unsiloed.config.json: policies.Picturre: expected a policy for a segment type, such as "Picture"',
    ],
    ['{"keepResults": "some"}', "keepResults: expected all, text, none, a place (./DIR, s3://BUCKET/PREFIX"],
    [
      '{"apiKey": "s3cr3t-1"}',
      "apiKey does not belong in this file, which is shared: set keys in the environment",
    ],
    ['{"store": "qdrant:https://me:s3cr3t-1@host"}', "store: expected an address without credentials"],
    [
      '{"embeddings": "https://host/v1?api-key=s3cr3t-1#m"}',
      "embeddings: expected an address without credentials",
    ],
  ])("that is wrong is refused by name: %s", async (text, message) => {
    await write("unsiloed.config.json", text);
    const { code, stderr } = await space.cli(["plan", "docs"]);
    expect(code).toBe(2);
    expect(stderr).toContain("error: INVALID_OPTION: ");
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("s3cr3t");
  });

  it("is refused beside another one", async () => {
    await config({});
    await write("unsiloed.config.ts", "export default {}");
    const { code, stderr } = await space.cli(["plan", "docs"]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "expected one config file, got unsiloed.config.json and unsiloed.config.ts; remove one",
    );
  });

  describe("in code", () => {
    beforeEach(async () => {
      space.ownProcesses = true;
      await mkdir(space.path("node_modules"));
      await symlink(PACKAGE, space.path("node_modules/unsiloed-ingest"), "junction");
    });

    const typed = `import { defineConfig, type UnsiloedConfig } from "unsiloed-ingest/config";
      const sources: UnsiloedConfig["sources"] = ["docs/a.pdf"];
      export default defineConfig({ sources });`;
    const plain =
      'import { defineConfig } from "unsiloed-ingest/config"; export default defineConfig({ sources: ["docs/a.pdf"] });';

    it.each([
      ["ts", typed],
      ["ts", `enum Folder { Docs = "docs/a.pdf" } export default { sources: [Folder.Docs as string] };`],
      ["mts", typed],
      ["cts", 'const sources: string[] = ["docs/a.pdf"]; module.exports = { sources };'],
      ["js", plain],
      ["mjs", plain],
      ["cjs", 'module.exports = { sources: ["docs/a.pdf"] };'],
    ])("works as .%s", async (ending, text) => {
      await write("package.json", "{}");
      await write(`unsiloed.config.${ending}`, text);
      expect(await space.json("plan")).toMatchObject({ code: 0, actions: { submit: 1 } });
    });

    it.each([
      ["export const config = {};", "unsiloed.config.mjs: expected `export default defineConfig({ … })`"],
      ['throw new Error("own words");', "unsiloed.config.mjs: own words"],
      ['import "no-such-package";', "unsiloed.config.mjs: Cannot find package 'no-such-package'"],
    ])("says what is wrong: %s", async (text, message) => {
      await write("unsiloed.config.mjs", text);
      const { code, stderr } = await space.cli(["plan"]);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
    });
  });

  it("says where a file that --config names is missing, or its JSON is broken", async () => {
    const missing = await space.cli(["plan", "--config", "nope.json"]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/--config: the file ".*nope\.json" does not exist/);
    await write("unsiloed.config.json", '{\n  "sources": ["docs"],\n}');
    const broken = await space.cli(["plan"]);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(
      /unsiloed\.config\.json: line [23]: not valid JSON \(.*\); JSON has no comments/,
    );
  });

  it("is not read for help, and not by demo", async () => {
    await write("unsiloed.config.json", "{");
    expect(await space.cli(["ingest", "--help"])).toMatchObject({ code: 0, stderr: "" });
  });

  it("keeps the settings of failed documents in retry", async () => {
    await space.restart({ results: { fail: "no such font" } });
    await config({ sources: ["docs/a.pdf"], parse: { merge_tables: true } });
    await space.json("ingest");
    await config({ sources: ["docs/a.pdf"], parse: { merge_tables: false } });
    await space.cli(["retry", ...FAST]);
    const [{ parse_options }] = (await space.json("status", "--all")).listed;
    expect(parse_options).toMatchObject({ merge_tables: true });
  });
});
