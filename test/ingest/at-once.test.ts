import { describe, expect, it } from "vitest";
import { imbalanceOf, lookAt, outcomeOf, paidTwice } from "../support/faults/oracle.js";
import { World } from "../support/faults/world.js";

const DOCUMENTS = 20;

describe.each(["lancedb", "qdrant"] as const)("two runs at once in one process, on %s", (store) => {
  it("submit and store each document once, and both report all documents", async () => {
    const files = Object.fromEntries(
      Array.from({ length: DOCUMENTS }, (_, index) => [`${index}.pdf`, `alpha${index} beta${index % 3}`]),
    );
    const [alone, world] = [await World.open({ store }), await World.open({ store })];
    alone.files = files;
    world.files = files;
    try {
      expect(outcomeOf(await alone.run())).toBe("recovered");
      const ends = await Promise.all([world.run(), world.run()]);
      for (const { report } of ends) {
        expect(report?.failures).toEqual([]);
        expect(report?.sources).toMatchObject({ total: DOCUMENTS, succeeded: DOCUMENTS });
        expect(report && imbalanceOf(report, DOCUMENTS)).toEqual([]);
      }
      const upserted = ends.map(({ report }) => report?.points.upserted ?? 0);
      expect(upserted.reduce((sum, count) => sum + count, 0)).toBe(DOCUMENTS * 2);
      expect(world.emulator.jobs).toHaveLength(DOCUMENTS);
      expect(paidTwice(world)).toEqual([]);
      expect(await lookAt(world)).toEqual(await lookAt(alone));
    } finally {
      await Promise.all([alone.close(), world.close()]);
    }
  });
});
