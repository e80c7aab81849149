import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { DIALECTS } from "../../src/parse-api/jobs/dialects.js";
import { lookAt, outcomeOf } from "../support/faults/oracle.js";
import { FILES, resultOf, World } from "../support/faults/world.js";

describe.each(["lancedb", "qdrant"] as const)("a short result, on %s", (store) => {
  describe.each(DIALECTS)("in the dialect %s", (dialect) => {
    let world: World;
    let missing: number;

    beforeEach(async () => {
      missing = 0;
      const results = () => {
        const whole = resultOf("alpha one");
        return { ...whole, total_chunks: 3 + missing };
      };
      world = await World.open({ store, emulator: { results, dialect } });
      world.files = { "a.pdf": FILES["a.pdf"] ?? "" };
    });
    afterEach(() => world.close());

    const points = async () => (await lookAt(world))["a.pdf"]?.points;

    it("leaves the stored points, and is read again without a second payment", async () => {
      expect(outcomeOf(await world.run())).toBe("recovered");
      const stored = await points();
      expect(stored).toHaveLength(2);

      world.files = { "a.pdf": "another content" };
      missing = 4;
      const { report } = await world.run();
      expect(report?.failures).toMatchObject([
        { doc_id: "a.pdf", stage: "parse", code: "INCOMPLETE_RESULT" },
      ]);
      expect(report?.failures[0]?.message).toContain("holds only 3 of 7 chunks");
      expect(await points()).toEqual(stored);

      // When it is read again by its job id, it is as short as before.
      const { report: again } = await world.run();
      expect(again?.failures).toMatchObject([{ code: "INCOMPLETE_RESULT" }]);
      expect(await points()).toEqual(stored);
      expect(world.emulator.submissions).toBe(2);

      // A retry is another parse.
      missing = 0;
      expect(outcomeOf(await world.run({ retryFailedJobs: true }))).toBe("recovered");
      expect(world.emulator.submissions).toBe(3);
    });

    it("that was saved leaves the stored points", async () => {
      const load = (total_chunks: number) =>
        world.run({
          sources: new UnsiloedResultLoader(
            { ...resultOf(total_chunks === 3 ? "alpha one" : "alpha two"), total_chunks },
            { docId: "a.pdf" },
          ).sources(),
        });
      expect(outcomeOf(await load(3))).toBe("recovered");
      const stored = await points();
      expect(stored).toHaveLength(2);
      const { report } = await load(8);
      expect(report?.failures).toMatchObject([{ code: "INCOMPLETE_RESULT" }]);
      expect(report?.failures[0]?.message).toContain("holds only 3 of 8 chunks");
      expect(await points()).toEqual(stored);
    });
  });
});
