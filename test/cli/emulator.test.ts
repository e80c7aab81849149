import { mkdir, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFault } from "../../src/cli/commands/emulator.js";
import { startEmulatorCommand } from "../support/cli/run-cli.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { smallResult } from "../support/parse-service.js";

describe("unsiloed-ingest emulator", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({}, ["files/lease.pdf", "files/budget.xlsx", "files/photo.png"]);
    await mkdir(space.path("results"));
  });
  afterEach(() => space.close());

  const save = (name: string, words: string) => {
    const result = smallResult();
    return writeFile(space.path(`results/${name}`), JSON.stringify(result).replaceAll("Text", words));
  };

  it("serves the saved results of a directory, and the sample for other files", async () => {
    await save("lease.json", "Lease");
    await save("budget.xlsx.json", "Budget");
    await save("budget.json", "Another");
    const { child, ended, env } = await startEmulatorCommand(["--results", "results"], space.cwd);
    try {
      const run = await space.cli(["ingest", "files", ...FAST, "--json"], { env: { ...space.env, ...env } });
      expect(JSON.parse(run.stdout)).toMatchObject({ sources: { total: 3, succeeded: 3 }, failures: [] });
      const found = async (doc: string, words: string) => {
        const { hits } = await space.json("search", words, "--mode", "text", "--doc", doc);
        return hits.map(({ text }: { text: string }) => text).join("\n");
      };
      expect(await found("files/lease.pdf", "Lease")).toContain("Lease 1 of page 1.");
      expect(await found("files/budget.xlsx", "Budget")).toContain("Budget 1 of page 1.");
      expect(await found("files/photo.png", "near misses")).toContain("Near misses reported");
    } finally {
      child.kill("SIGINT");
    }
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(stdout.split("\n").filter(Boolean)).toHaveLength(2);
    expect(stderr).toContain("lease.pdf: answered with results/lease.json");
    expect(stderr).toContain("budget.xlsx: answered with results/budget.xlsx.json");
    expect(stderr).toContain("photo.png: answered with the sample result");
  }, 120_000);

  it("injects the faults that were given by name", async () => {
    const { child, ended, env } = await startEmulatorCommand(["--fault", "submit=quota:all"], space.cwd);
    try {
      const { code, stderr } = await space.cli(["ingest", "files/lease.pdf", ...FAST], {
        env: { ...space.env, ...env },
      });
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("lease.pdf") });
    } finally {
      child.kill("SIGTERM");
    }
    const { stderr } = await ended;
    expect(stderr, "no job was made, so nothing was answered").not.toContain("answered with");
  }, 120_000);

  it("follows the published form that is named", async () => {
    const { child, ended, env } = await startEmulatorCommand(["--dialect", "2026-09"], space.cwd);
    try {
      const response = await fetch(`${env["UNSILOED_BASE_URL"]}/parse/nosuch`, {
        headers: { "api-key": "any" },
      });
      expect(await response.json()).toMatchObject({ error: { code: "task_not_found" } });
    } finally {
      child.kill("SIGTERM");
    }
    expect((await ended).code).toBe(0);
  });

  it.each([
    [["--dialect", "2025-01"], "Allowed choices are 2026-03, 2026-09"],
    [["--results", "nosuch"], '--results: expected a directory, got "nosuch"'],
    [["--port", "70000"], 'expected a port from 0 to 65535, got "70000"'],
    [["--fault", "status=nosuch"], "--fault: expected one of the faults not_found"],
    [["--fault", "nosuch=quota"], "--fault: expected one of the phases submit"],
    [["--fault", "quota"], "--fault: expected PHASE=FAULT"],
  ])("says what is wrong with %s", async (args, message) => {
    const { code, stdout, stderr } = await space.cli(["emulator", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("a fault on the command line", () => {
  it.each([
    ["submit=quota", { on: "submit", fault: "quota", times: 1 }],
    ["status=rate_limited:3", { on: "status", fault: "rate_limited", times: 3 }],
    ["upload=reset:all", { on: "upload", fault: "reset", times: Number.POSITIVE_INFINITY }],
  ])("%s names phase, fault and count", (text, rule) => {
    expect(readFault(text)).toEqual(rule);
  });

  it("must apply at least once", () => {
    expect(() => readFault("submit=quota:0")).toThrow("--fault: expected PHASE=FAULT");
  });
});
