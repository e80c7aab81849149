import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { policy } from "../../src/cli/setup/arguments.js";
import { segmentPoliciesSchema } from "../../src/documents/policies.js";
import { runHosted } from "../support/cli/run-cli.js";
import { OpenAIServer } from "../support/openai/server.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");

const gather = (...texts: string[]) => texts.reduce((earlier, text) => policy(text, earlier), {});

describe("--policy", () => {
  it("combines the arguments of each type into policies that the schema accepts", () => {
    const gathered = gather(
      "Picture=drop@0.5",
      "Picture=flag@unknown",
      "*=flag@0.3",
      "Section Header=keep@1",
    );
    expect(segmentPoliciesSchema.parse(gathered)).toEqual({
      Picture: { minConfidence: 0.5, below: "drop", unknown: "flag" },
      "*": { minConfidence: 0.3, below: "flag", unknown: "keep" },
      SectionHeader: { minConfidence: 1, below: "keep", unknown: "keep" },
    });
  });

  it.each([
    ["Picture", /expected TYPE=ACTION@CONFIDENCE/],
    ["Picture=drop", /expected TYPE=ACTION@CONFIDENCE/],
    ["Picture=hide@0.5", /expected keep, drop, flag, got "hide"/],
    ["Picture=drop@2", /expected a number from 0 to 1, got "2"/],
  ])("refuses %s", (text, message) => {
    expect(() => policy(text)).toThrow(InvalidArgumentError);
    expect(() => policy(text)).toThrow(message);
  });

  it("refuses contradictory arguments", () => {
    expect(() => gather("Picture=drop@0.5", "Picture=flag@0.7")).toThrow(/contradicts an earlier --policy/);
  });

  it("is applied and reported by the command", async () => {
    const sample: { chunks: { segments: { segment_type: string; confidence: number | null }[] }[] } =
      JSON.parse(await readFile(SAMPLE, "utf8"));
    const texts = sample.chunks.flatMap(({ segments }) =>
      segments.filter(({ segment_type, confidence }) => segment_type === "Text" && (confidence ?? 1) < 0.6),
    );
    const cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-policy-"));
    const openai = await OpenAIServer.start({ dimensions: 16 });
    const env = { OPENAI_API_KEY: "sk-x", OPENAI_BASE_URL: openai.baseURL };
    const command = [
      "ingest",
      `result:${SAMPLE}`,
      "--policy",
      "Text=drop@0.6",
      "--policy",
      "Formula=flag@unknown",
    ];
    try {
      const { code, stdout, stderr } = await runHosted([...command, "--json"], { cwd, env });
      expect(code, stderr).toBe(0);
      const { segments } = JSON.parse(stdout);
      expect(texts.length).toBeGreaterThan(3);
      expect(segments.filtered).toMatchObject({ low_confidence: texts.length });
      expect(segments.flagged).toEqual({ unknown_confidence: 1 });
      const plan = await runHosted(["plan", ...command.slice(1), "--json"], { cwd, env });
      expect(JSON.parse(plan.stdout).actions).toEqual({ unchanged: 1 });
      const shown = await runHosted(command, { cwd, env });
      expect(shown.stdout).toContain("flagged:    1 unknown_confidence");
      const wrong = await runHosted(["ingest", "x.pdf", "--policy", "Text=hide@0.6"], { cwd, env });
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toContain("--policy");
    } finally {
      await openai.close();
      await rm(cwd, { recursive: true, force: true });
    }
  });
});
