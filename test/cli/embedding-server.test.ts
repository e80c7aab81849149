import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countTokens } from "../../src/internal/text/tokens.js";
import { FAST, Workspace } from "../support/cli/workspace.js";

const PREFIX = "passage: ";
const LIMIT = 64;

let space: Workspace;

beforeEach(async () => {
  space = await Workspace.open({ results: "examples/data/annual-report.json" }, ["report.pdf"]);
});
afterEach(() => space.close());

describe("--embedding-max-tokens", () => {
  it("keeps every split within the limit, with the prefix before it", async () => {
    const report = await space.json(
      "ingest",
      "report.pdf",
      ...FAST,
      ...["--embeddings", `${space.openai.baseURL}#m`, "--document-prefix", PREFIX],
      ...["--embedding-max-tokens", String(LIMIT), "--embedding-header", "x-team: search"],
    );
    expect(report).toMatchObject({ code: 0, failures: [] });
    const texts = space.openai.requests.flatMap(({ inputs }) => inputs);
    expect(texts.length).toBeGreaterThan(20);
    expect(Math.max(...texts.map(countTokens))).toBeLessThanOrEqual(LIMIT);
    const teams = space.openai.requests.map(({ headers }) => headers["x-team"]);
    expect(new Set(teams)).toEqual(new Set(["search"]));
  });
});

describe("--embedding-header", () => {
  it("is refused without a colon, and not repeated", async () => {
    const { code, stderr } = await space.cli(["search", "q", "--embedding-header", "hush-hush"]);
    expect(code).toBe(2);
    expect(stderr).toContain('expected "NAME: VALUE"');
    expect(stderr).not.toContain("hush-hush");
  });
});
