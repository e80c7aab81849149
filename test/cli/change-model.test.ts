import { afterEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("a collection of the bundled model of earlier versions", () => {
  let space: Workspace;
  afterEach(() => space.close());

  /** A service may have a model of any name, so it makes a collection with the name of the former one. */
  const FORMER = ["--embeddings", "openai:use-lite"];
  const LOCAL = ["--embeddings", "local"];
  const BOTH =
    /vectors of model "use-lite" \(16 dimensions\), expected those of model "unsiloed-static-256-\d+"/;

  it("is refused with the way to another one, which costs no parse", async () => {
    space = await Workspace.open({}, ["docs/a.pdf", "docs/b.pdf"]);
    const first = await space.json("ingest", "docs", ...FORMER, ...FAST);
    expect(first).toMatchObject({ code: 0, embeddings: "use-lite (16 dimensions)" });
    const requests = space.emulator.requests.length;

    for (const command of [
      ["ingest", "docs", ...FAST],
      ["plan", "docs"],
    ]) {
      const refused = await space.cli([...command, ...LOCAL]);
      expect(refused.code, command.join(" ")).toBe(2);
      expect(refused.stderr).toMatch(BOTH);
      expect(refused.stderr).toContain("name another collection with --collection");
      expect(refused.stderr).toContain("embedded again without a new parse");
    }
    const question = await space.cli(["search", "a"]);
    expect(question.code).toBe(2);
    expect(question.stderr).toMatch(BOTH);
    expect((await space.json("search", "docs", "--mode", "text")).code).toBe(0);

    const other = ["--collection", "second"];
    const plan = await space.json("plan", "docs", ...LOCAL, ...other);
    expect(plan.actions).toEqual({ store: 2 });
    expect(plan.cost).toMatchObject({ parse_credits: 0, embedding_usd: 0 });
    const second = await space.json("ingest", "docs", ...LOCAL, ...other, ...FAST);
    expect(second.sources).toMatchObject({ total: 2, succeeded: 2, unchanged: 0 });
    expect(second.points.upserted).toBe(first.points.upserted);
    expect(space.emulator.requests).toHaveLength(requests);
    const found = await space.json("search", "docs", ...other);
    expect(found.hits.length).toBeGreaterThan(0);
    const again = await space.json("ingest", "docs", ...LOCAL, ...other, ...FAST);
    expect(again.sources).toMatchObject({ succeeded: 2, unchanged: 2 });
  });
});
