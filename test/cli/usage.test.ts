import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withOptionNames } from "../../src/cli/terminal/wording.js";
import { parseRequestSchema } from "../../src/parse-api/jobs/request-options.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("messages about wrong arguments", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({}, ["docs/a.pdf"]);
  });
  afterEach(() => space.close());

  const complaint = async (...args: string[]) => {
    const { code, stdout, stderr } = await space.cli(["ingest", "docs", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(space.emulator.requests).toEqual([]);
    return stderr;
  };

  it.each([
    [["--chunk-size", "3"], "--chunk-size: expected a number ≥ 16, got 3 (number)"],
    [["--chunk-overlap", "500"], "--chunk-overlap: expected at most half"],
    [["--concurrency", "5000"], "--concurrency: expected a number ≤ 1000"],
    [["--parse", "foo=1"], '--parse: unknown option foo ("--parse help" lists the options)'],
    [["--parse", "mergeTables=1"], "--parse: unknown option mergeTables; did you mean merge_tables?"],
    [["--parse", "response_profile=slim"], '--parse.response_profile: "slim" leaves out content'],
    [["--parse", "merge_tables"], "expected KEY=VALUE, such as merge_tables=true, or help"],
    [["--timeout", "99999999"], "--timeout: expected a number"],
    [["--root", "nosuch"], '--root: expected a directory, got "nosuch"'],
    [["--root", "docs/a.pdf"], '--root: expected a directory, got "docs/a.pdf"'],
    [["--policy", "Picturre=drop@0.5"], 'PageFooter, Page, KeyValuePair, Signature, Seal, got "Picturre"'],
  ])("is said in the words of the command: %s", async (args, message) => {
    expect(await complaint(...args)).toContain(message);
  });

  it.each(["postgre://u:s3cret@h/x", "mysql://u:s3cret@h/x", "postgres:u:s3cret@h"])(
    "never takes %s for a state directory, nor shows it",
    async (address) => {
      const commands = [["ingest", "docs"], ["plan", "docs"], ["status"], ["retry"], ["doctor"], ["migrate"]];
      for (const command of commands) {
        const { code, stdout, stderr } = await space.cli([...command, "--state", address]);
        const printed = stdout + stderr;
        expect({ command, code: code !== 0, printed }).toEqual({
          command,
          code: true,
          printed: expect.stringContaining("--state: expected"),
        });
        expect(printed).not.toContain("s3cret");
      }
      expect(space.emulator.submissions).toBe(0);
      expect(await readdir(space.cwd)).toEqual(["docs"]);
    },
  );

  it("lists the options of a parse request, also where no source is named", async () => {
    const { code, stdout, stderr } = await space.cli(["ingest", "--parse", "help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("  ocr_strategy=auto_detection|force_ocr\n");
    expect(stdout).toContain("Options of workbooks (.xls, .xlsx):\n  exclude_hidden=true|false\n");
    expect(stdout).toContain("  ocr_mode (now ocr_strategy)\n");
    for (const name of Object.keys(parseRequestSchema.shape))
      expect(stdout).toMatch(new RegExp(`^  ${name}[= ]`, "m"));
  });

  it("reports impossible options once, and plans without a request to the service", async () => {
    await space.write("docs/b.pdf");
    const { stderr } = await space.cli([
      "plan",
      "docs",
      "--parse",
      "ocr_mode=force_ocr",
      "--parse",
      "exclude_hidden=true",
    ]);
    expect(stderr.match(/note: .*/g)).toEqual([
      "note: --parse ocr_mode is an older name: it is sent as ocr_strategy too",
      "note: --parse exclude_hidden: for workbooks (.xls, .xlsx) only, without effect on other documents",
    ]);
    expect(space.emulator.requests).toEqual([]);
  });

  it("accepts types in both naming styles of the service", async () => {
    const plan = await space.json("plan", "docs", "--policy", "figure=drop@0.5", "--policy", "*=flag@0.2");
    expect(plan.actions).toEqual({ submit: 1 });
  });

  it.runIf(process.platform === "linux")(
    "names a state that cannot be, instead of trying for ever",
    async () => {
      expect(await complaint("--state", "/proc/nosuch/state")).toContain(
        "error: LEDGER_FAILED: /proc/nosuch/state",
      );
    },
  );

  it("does not change other messages", () => {
    expect(withOptionNames("a.pdf: no such file")).toBe("a.pdf: no such file");
    expect(withOptionNames("SegmentSplitter: chunkSizes: unknown")).toBe(
      "SegmentSplitter: chunkSizes: unknown",
    );
  });
});

describe("a web address with a query", () => {
  it("is shown without its secret query, and retried with it", async () => {
    const address = "https://example.com/get?id=5&token=s3cr3t";
    const space = await Workspace.open({ results: { fail: "no such font" } });
    try {
      const runs = [
        await space.cli(["plan", address]),
        await space.cli(["ingest", address, ...FAST]),
        await space.cli(["status"]),
        await space.cli(["retry", ...FAST]),
      ];
      for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain("s3cr3t");
      expect(runs[1]?.stderr).toContain("get?id=5&token=[secret]");
      expect((await space.json("status")).listed).toMatchObject([{ doc_id: address, standing: "failed" }]);
      expect(space.emulator.jobs.map(({ url }) => url)).toEqual([address, address]);
    } finally {
      await space.close();
    }
  });
});

describe("a command that needs no service", () => {
  it("prints the version and plans without a key", async () => {
    const space = await Workspace.open({}, ["docs/a.pdf"]);
    try {
      const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
      expect(await space.cli(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
      const env = { OPENAI_API_KEY: "sk-x", OPENAI_BASE_URL: space.openai.baseURL };
      const plan = await space.cli(["plan", "docs", "--json"], { env });
      expect(JSON.parse(plan.stdout)).toMatchObject({ actions: { submit: 1 } });
    } finally {
      await space.close();
    }
  });
});
