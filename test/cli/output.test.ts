import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runOnTerminal, startCli } from "../support/cli/run-cli.js";
import { Screen } from "../support/cli/screen.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

const FILES = ["docs/a.pdf", "docs/b.pdf", "docs/c.pdf"];

describe("output", () => {
  let space: Workspace;
  let runs = 0;
  beforeAll(async () => {
    space = await Workspace.open({}, FILES);
  });
  afterAll(() => space.close());

  /** The arguments of a run that finds nothing done yet. */
  const fresh = () => {
    runs += 1;
    return ["ingest", "docs", "--state", `state-${runs}`, "--store", `lancedb:db-${runs}`, ...FAST];
  };
  const options = () => ({ cwd: space.cwd, env: space.env });

  describe("of which the reader has gone", () => {
    it("ends quietly", async () => {
      const { child, ended } = startCli(fresh(), options());
      child.stdout?.destroy();
      const { code, stderr } = await ended;
      expect(stderr).not.toMatch(/EPIPE|Error|at .*node:/);
      expect(code).toBe(0);
    });

    it("does not end a run where it is the log", async () => {
      const { child, ended } = startCli([...fresh(), "--json"], options());
      child.stderr?.destroy();
      const { code, stdout } = await ended;
      expect(JSON.parse(stdout).sources).toMatchObject({ total: 3, succeeded: 3 });
      expect(code).toBe(0);
    });

    it.runIf(process.platform === "linux")("is a failure where there is no space for it", async () => {
      const { openSync, closeSync } = await import("node:fs");
      const { spawnSync } = await import("node:child_process");
      const full = openSync("/dev/full", "w");
      const main = new URL("../../dist/src/cli/main.js", import.meta.url).pathname;
      const { status, stderr } = spawnSync(process.execPath, [main, "status"], {
        cwd: space.cwd,
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      closeSync(full);
      expect(stderr).toMatch(/^error: the output cannot be written: .*ENOSPC/);
      expect(status).toBe(1);
    });
  });

  describe("with --quiet", () => {
    it("is the result alone", async () => {
      const { stdout, stderr } = await space.cli([...fresh(), "--quiet"]);
      expect(stdout).toContain("sources:    3 of 3 succeeded");
      expect(stderr).toBe("");
    });

    it("still names problems", async () => {
      const { stderr } = await space.cli(["delete", "nosuch.pdf", "-q"]);
      expect(stderr).toContain("nosuch.pdf: no such document");
    });
  });

  describe("with --log json", () => {
    const lines = (text: string) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));

    it("has one object a line, by the names of the events", async () => {
      const { stdout, stderr } = await space.cli([...fresh(), "--log", "json"]);
      const log = lines(stderr);
      expect(new Set(log.map(({ type }) => type))).toEqual(
        new Set([
          "ready",
          "source-started",
          "source-status",
          "source-parsed",
          "source-split",
          "source-embedding",
          "source-embedded",
          "source-stored",
          "source-ended",
        ]),
      );
      for (const { time } of log) expect(new Date(time).toISOString()).toBe(time);
      expect(
        log
          .filter(({ type }) => type === "source-stored")
          .map(({ doc_id }) => doc_id)
          .sort(),
      ).toEqual(FILES);
      expect(stdout).toContain("3 of 3 succeeded");
    });

    it("tells errors as objects, those of the command line too", async () => {
      const wrong = await space.cli(["ingest", "docs", "--log", "json", "--nosuch"]);
      expect(lines(wrong.stderr)).toMatchObject([
        { type: "error", code: "INVALID_OPTION", message: expect.stringContaining("nosuch") },
      ]);
      const missing = await space.cli(["search", "x", "--log=json", "--collection", "nosuch"]);
      expect(lines(missing.stderr).at(-1)).toMatchObject({ type: "error", code: "COLLECTION_NOT_FOUND" });
    });
  });

  describe("with --json", () => {
    it.each([
      [["ingest", "docs", "--nosuch", "--json"], "INVALID_OPTION", "unknown option '--nosuch'"],
      [["search", "--json"], "INVALID_OPTION", "missing required argument 'query'"],
      [
        ["ingest", "docs", "--chunk-size", "big", "--json"],
        "INVALID_OPTION",
        "expected a whole number from 1",
      ],
      [["ingest", "docs", "--chunk-size", "3", "--json"], "INVALID_OPTION", "--chunk-size"],
      [["plan", "docs", "--store", "x:y", "--json"], "INVALID_OPTION", "--store"],
      [["search", "x", "--collection", "nosuch", "--json"], "COLLECTION_NOT_FOUND", "nosuch"],
      [["evaluate", "nosuch.json", "--json"], "FILE_NOT_FOUND", "nosuch.json"],
      [["status", "--state", "nosuch", "--json"], "INVALID_OPTION", "--state"],
      [["retry", "--state", "nosuch", "--json"], "INVALID_OPTION", "--state"],
      [["delete", "x", "--state", "nosuch", "--json"], "INVALID_OPTION", "--state"],
      [["repair", "--collection", "nosuch", "--json"], "COLLECTION_NOT_FOUND", "nosuch"],
    ])("is one document, also where %j fails early", async (args, code, message) => {
      const run = await space.cli(args);
      expect(JSON.parse(run.stdout)).toEqual({ error: { code, message: expect.stringContaining(message) } });
      expect(run.stderr).toContain(message);
      expect(run.code).toBe(2);
    });
  });

  describe.runIf(process.platform === "linux")("on a terminal of 60 columns", () => {
    /** Replays what was written, and what the screen shows at the end. */
    const replay = (written: string): Screen => {
      const screen = new Screen(60);
      screen.write(written);
      return screen;
    };

    it("shows one line that changes, which never wraps and leaves nothing behind", async () => {
      const { code, written } = await runOnTerminal(fresh(), options());
      expect(code).toBe(0);
      expect(written).toMatch(/\r\d\/3 sources {2}0:0\d/);
      const screen = replay(written.slice(0, written.indexOf("sources:    ")));
      // What is kept above the line is the store and the model.
      expect(screen.rows.filter((row) => row !== "")).toHaveLength(2 + screen.wrapped);
      expect(written).not.toContain("submitting");
    });

    it.each([{ CI: "true" }, { TERM: "dumb" }])("has plain lines under %j", async (variables) => {
      const { written } = await runOnTerminal(fresh(), { ...options(), env: { ...space.env, ...variables } });
      expect(written).toContain("docs/a.pdf: submitting");
      expect(written).not.toContain("\u001B[");
    });

    it("has colours unless the user wants none", async () => {
      const run = (variables: Record<string, string>) =>
        runOnTerminal(["search", "x", "--collection", "nosuch"], {
          ...options(),
          env: { ...space.env, ...variables },
        });
      expect((await run({})).written).toContain("\u001B[31merror\u001B[39m: COLLECTION_NOT_FOUND");
      expect((await run({ NO_COLOR: "1" })).written).not.toContain("\u001B[31m");
      expect((await run({ TERM: "dumb" })).written).not.toContain("\u001B[31m");
      const piped = await space.cli(["search", "x", "--collection", "nosuch"], {
        env: { ...space.env, FORCE_COLOR: "1" },
      });
      expect(piped.stderr).toContain("\u001B[31merror");
    });
  });
});
