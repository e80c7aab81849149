import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workspace } from "../support/cli/workspace.js";

describe("init", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({}, ["documents/a.pdf"]);
  });
  afterEach(() => space.close());

  const init = (...args: string[]) => space.cli(["init", ...args]);
  const read = (file: string) => readFile(space.path(file), "utf8");

  it("writes a config file that the other commands use, and a list of keys", async () => {
    const { code, stdout } = await init("--yes");
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("wrote unsiloed.config.json"),
    });
    expect(JSON.parse(await read("unsiloed.config.json"))).toEqual({
      sources: ["documents/"],
      store: "lancedb",
      collection: "unsiloed",
      embeddings: "openai",
    });
    expect(await read(".env.example")).toContain("# key of the parse API\nUNSILOED_API_KEY=\n");
    expect(await read(".env.example")).toContain("OPENAI_API_KEY=\n");
    expect(await space.json("plan")).toMatchObject({ code: 0, actions: { submit: 1 } });
  });

  it("replaces a file only with --force, and never its neighbour in another form", async () => {
    await writeFile(space.path("unsiloed.config.json"), "{}");
    expect(await init("--yes")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "unsiloed.config.json is there; change it, or write a new one with --force",
      ),
    });
    expect(await init("--yes", "--force", "--format", "ts")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("would be read beside unsiloed.config.mts; remove it"),
    });
    expect(await read("unsiloed.config.json")).toBe("{}");
    expect(await init("--yes", "--force")).toMatchObject({ code: 0 });
    expect(await read("unsiloed.config.json")).toContain("documents/");
  });

  it("has Git ignore keys and state, without doubling lines", async () => {
    await mkdir(space.path(".git"));
    await writeFile(space.path(".gitignore"), "dist\n.unsiloed");
    expect(await init("--yes")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("added to .gitignore: .env\n"),
    });
    expect(await read(".gitignore")).toBe("dist\n.unsiloed\n.env\n");
  });

  it("writes TypeScript and JavaScript, as modules", async () => {
    await init("--yes", "--format", "ts");
    expect(await read("unsiloed.config.mts")).toMatch(
      /^import \{ defineConfig \} from "unsiloed-ingest\/config";\n/,
    );
    await writeFile(space.path("documents/package.json"), '{ "type": "module" }');
    await space.cli(["init", "--yes", "--format", "js"], { cwd: space.path("documents") });
    expect(await read("documents/unsiloed.config.js")).toContain("export default defineConfig({");
  });
});
