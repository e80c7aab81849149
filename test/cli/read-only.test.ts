import { chmod, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runCli } from "../support/cli/run-cli.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

const NOBODY = 65_534;

/** What is in a directory: each name with its size and time. LMDB counts its readers in the lock file. */
const contentsOf = async (directory: string): Promise<string[]> => {
  const names = await readdir(directory, { recursive: true });
  const entries = names
    .filter((name) => path.basename(name) !== "lock.mdb")
    .map(async (name) => {
      const { size, mtimeMs, isDirectory } = await stat(path.join(directory, name)).then((found) => ({
        size: found.size,
        mtimeMs: found.mtimeMs,
        isDirectory: found.isDirectory(),
      }));
      return `${name} ${isDirectory ? "" : size} ${mtimeMs}`;
    });
  return (await Promise.all(entries)).sort();
};

const READING = [
  ["status", "--all"],
  ["plan", "docs"],
  ["search", "docs", "--embeddings", "openai"],
];

describe("status, plan and search", () => {
  let space: Workspace;
  afterEach(() => space.close());

  it("create nothing where nothing is", async () => {
    space = await Workspace.open({}, ["docs/a.pdf"]);
    const before = await contentsOf(space.cwd);
    for (const args of READING) await space.cli(args);
    expect(await contentsOf(space.cwd)).toEqual(before);
    expect((await space.json("plan", "docs")).actions).toEqual({ submit: 1 });
    expect((await space.json("status")).documents).toEqual({ total: 0 });
  });

  it("change no file of what earlier runs left", async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/b.pdf"]);
    await space.cli(["ingest", "docs/a.pdf", ...FAST]);
    const before = await contentsOf(space.cwd);
    for (const args of READING) expect(await space.cli(args)).toMatchObject({ code: 0 });
    expect(await contentsOf(space.cwd)).toEqual(before);
    expect((await space.json("plan", "docs")).actions).toEqual({ unchanged: 1, submit: 1 });
    expect((await space.json("status")).documents).toEqual({ total: 1, stored: 1 });
  });

  it.runIf(process.getuid?.() === 0)("run for a user who may write nothing", async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/b.pdf"]);
    await space.cli(["ingest", "docs/a.pdf", ...FAST]);
    for (const name of [".", ...(await readdir(space.cwd, { recursive: true }))]) {
      const isDirectory = (await stat(space.path(name))).isDirectory();
      await chmod(space.path(name), isDirectory ? 0o555 : 0o444);
    }
    const options = { cwd: space.cwd, env: space.env, uid: NOBODY };
    const [status, plan, search] = await Promise.all(
      READING.map((args) => runCli([...args, "--json"], options)),
    );
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(status?.stdout ?? "").documents).toEqual({ total: 1, stored: 1 });
    expect(plan).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(plan?.stdout ?? "").actions).toEqual({ unchanged: 1, submit: 1 });
    expect(search).toMatchObject({ code: 0 });
    expect(JSON.parse(search?.stdout ?? "").hits.length).toBeGreaterThan(0);
  });
});
