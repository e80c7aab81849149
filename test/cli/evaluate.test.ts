import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runOnTerminal } from "../support/cli/run-cli.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

let space: Workspace;

const write = (name: string, value: unknown) =>
  writeFile(space.path(name), typeof value === "string" ? value : JSON.stringify(value));

beforeAll(async () => {
  space = await Workspace.open({}, ["lease.pdf"]);
  expect(await space.json("ingest", "lease.pdf", ...FAST)).toMatchObject({ code: 0, failures: [] });
});
afterAll(() => space.close());

describe("evaluate", () => {
  it("prints a row for every way, and failing questions with the reason", async () => {
    await write("questions.json", [
      { question: "Which lease?", document: "lease.pdf" },
      { question: "What is missing?", answer: "never printed", document: "lease" },
    ]);
    const { code, stdout, stderr } = await space.cli(["evaluate", "questions.json"]);
    expect(code).toBe(0);
    expect(stderr).toContain("embeddings: text-embedding-3-small");
    expect(stdout).toMatch(/^2 questions, with 95 % intervals:\nsearch +hit@1 +hit@5 +hit@10 +MRR\n/);
    const rows = stdout.split("\n").slice(2, 6);
    expect(rows.map((row) => row.split("  ")[0])).toEqual([
      "dense",
      "text",
      "hybrid, not reranked",
      "hybrid",
    ]);
    for (const row of [rows[0], rows[3]])
      expect(row).toMatch(/0\.50 \(0\.09 to 0\.91\) .*0\.50 \(0\.00 to 1\.00\)$/);
    expect(stdout).toMatch(/^dense share 0\.\d is in use, 0, 0\.1, [\d., ]+ were tried: /m);
    expect(stdout).toContain(
      '1 of 2 questions without evidence in the first 5 hits (hybrid):\n2. What is missing?\n   not stored: no text in document "lease" contains "never printed"\n',
    );
  });

  it.runIf(process.platform === "linux")("shows on a terminal how many questions were asked", async () => {
    await write("asked.json", [{ question: "Which lease?", document: "lease.pdf" }]);
    const { code, written } = await runOnTerminal(["evaluate", "asked.json"], {
      cwd: space.cwd,
      env: space.env,
    });
    expect(code).toBe(0);
    expect(written).toMatch(/\r[01]\/1 question {2}0:0\d/);
  });

  it("prints the report as JSON, with the settings that are given", async () => {
    await write("one.json", [{ question: "Which lease?", document: "lease.pdf" }]);
    const options = ["--dense-share", "0.5", "--seed", "9", "--rerank", "none"];
    const report = await space.json("evaluate", "one.json", ...options);
    expect(report).toMatchObject({ code: 0, questions: 1, seed: 9, denseShare: 0.5, failures: [] });
    expect(report.ways.map(({ way }: { way: string }) => way)).toEqual(["dense", "text", "fused", "hybrid"]);
    const again = await space.json("evaluate", "one.json", ...options);
    expect(again).toEqual(report);
  });

  it.each([
    ["no JSON", "[{", "wrong.json: expected JSON ("],
    [
      "a wrong field",
      [{ question: "Who?", answer: "x", page: "2" }],
      'question 1 ("Who?"): page: expected a page',
    ],
  ])("refuses a file with %s", async (_what, content, message) => {
    await write("wrong.json", content);
    const { code, stdout, stderr } = await space.cli(["evaluate", "wrong.json"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("names a file or a collection that does not exist", async () => {
    expect((await space.cli(["evaluate", "none.json"])).stderr).toContain("FILE_NOT_FOUND: none.json");
    await write("one.json", [{ question: "Which lease?", document: "lease.pdf" }]);
    const run = await space.cli(["evaluate", "one.json", "--collection", "absent"]);
    expect(run.stderr).toContain("COLLECTION_NOT_FOUND");
  });
});
