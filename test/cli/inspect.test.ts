import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { DocumentList, QuestionAnswer } from "../../src/inspect/contract.js";
import { startCli } from "../support/cli/run-cli.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("unsiloed-ingest inspect", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({}, ["docs/a.pdf"]);
  });
  afterEach(() => space.close());

  it("serves the page until it is interrupted", async () => {
    await space.cli(["ingest", "docs", ...FAST]);
    const { child, ended } = startCli(["inspect", "docs/a.pdf", "--no-open"], {
      cwd: space.cwd,
      env: space.env,
    });
    // A failed assertion must not leave the server running.
    onTestFinished(() => void child.kill("SIGKILL"));
    const printed = await new Promise<string>((resolve, reject) => {
      child.stdout?.once("data", resolve);
      void ended.then(({ stderr }) => reject(new Error(`ended without an address: ${stderr}`)));
    });
    const [address = "", hash = ""] = printed.trim().split("#");
    expect(hash).toBe("/document?doc=docs%2Fa.pdf");
    const list: DocumentList = JSON.parse(await (await fetch(`${address}api/documents`)).text());
    expect(list.documents.map(({ id, pages }) => [id, pages])).toEqual([["docs/a.pdf", 2]]);
    const asked = await fetch(`${address}api/question`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question: "text of page 2", k: 1 }),
    });
    const answer: QuestionAnswer = JSON.parse(await asked.text());
    expect(answer).toMatchObject({ mode: "hybrid", hits: [{ doc: "docs/a.pdf" }] });
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0 });
    await expect(fetch(address)).rejects.toThrow();
  }, 120_000);

  it("exports the page of a document, with and without its texts", async () => {
    await space.cli(["ingest", "docs", ...FAST]);
    const whole = await space.json("inspect", "docs/a.pdf", "--export", "whole");
    expect(whole).toMatchObject({ code: 0, file: "whole/index.html" });
    expect(await readFile(space.path("whole/index.html"), "utf8")).toContain("Text 1 of page 1.");
    const bare = await space.cli(["inspect", "docs/a.pdf", "--export", "bare", "--no-texts"]);
    expect(bare).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^bare\/index\.html \(\d\.\d MB\)\n$/),
    });
    expect(await readFile(space.path("bare/index.html"), "utf8")).not.toContain("Text 1 of page 1.");
  });

  it("says what is missing", async () => {
    const nothing = await space.cli(["inspect"]);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no .unsiloed here") });
    await space.cli(["ingest", "docs", ...FAST]);
    const unnamed = await space.cli(["inspect", "--export", "out"]);
    expect(unnamed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--export: expected the document"),
    });
    const unknown = await space.cli(["inspect", "b.pdf", "--export", "out"]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('got "b.pdf"') });
    const served = await space.cli(["inspect", "--no-texts", "--no-open"]);
    expect(served).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--no-texts: expected together"),
    });
    const both = await space.cli(["inspect", "docs/a.pdf", "--export", "out", "--port", "8080"]);
    expect(both).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--export: expected without --port"),
    });
    const emptied = await space.cli([
      ...["inspect", "docs/a.pdf", "--export", "out", "--json", "--store", "lancedb:elsewhere"],
    ]);
    expect(emptied).toMatchObject({ code: 0, stderr: expect.stringContaining("nothing of the store") });
    expect(JSON.parse(emptied.stdout).problem).toContain("elsewhere");
    const port = await space.cli(["inspect", "--port", "70000"]);
    expect(port).toMatchObject({ code: 2, stderr: expect.stringContaining("a port from 0 to 65535") });
    // A file system in which no directory can be made answers that the one above is missing.
    if (process.platform === "linux") {
      const nowhere = await space.cli(["inspect", "docs/a.pdf", "--export", "/proc/x"]);
      expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("--export: cannot write") });
    }
  });
});
