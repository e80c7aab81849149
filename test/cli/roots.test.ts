import { rename } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("files with equal names in two roots", () => {
  let space: Workspace;
  afterEach(() => space.close());

  const ingest = (root: string, ...more: string[]) =>
    space.json("ingest", root, "--root", root, ...FAST, ...more);

  it("are refused by name and not ingested, also in a plan", async () => {
    space = await Workspace.open({}, ["one/a.pdf", "one/b.pdf", "two/a.pdf"]);
    expect((await ingest("one")).sources).toMatchObject({ succeeded: 2 });
    const before = await space.json("status", "--all");

    expect(await space.json("plan", "two", "--root", "two")).toMatchObject({ actions: { fail: 1 } });
    const refused = await ingest("two");
    expect(refused).toMatchObject({ code: 1, sources: { total: 1, failed: 1 } });
    expect(refused.failures).toMatchObject([{ doc_id: "a.pdf", code: "INVALID_OPTION" }]);
    for (const part of ['"two/a.pdf"', space.path("one/a.pdf"), "--root", "--state"])
      expect(refused.failures[0].message).toContain(part);
    expect((await space.json("status", "--all")).listed).toEqual(before.listed);
    expect((await ingest("one")).sources).toMatchObject({ unchanged: 2 });
    expect(space.emulator.submissions).toBe(2);

    // What the message says to do.
    const apart = ["--state", "other", "--collection", "other"];
    expect(await ingest("two", ...apart)).toMatchObject({ code: 0, sources: { succeeded: 1 } });
    expect((await space.json("ingest", "one", "two", ...FAST)).sources).toMatchObject({ succeeded: 3 });
  });

  it("are one document when the other file is gone or was copied, or when the user chose the id", async () => {
    space = await Workspace.open({}, ["one/a.pdf"]);
    await ingest("one");
    // Moved and changed.
    await rename(space.path("one"), space.path("two"));
    await space.write("two/a.pdf", "changed");
    expect(await ingest("two")).toMatchObject({ failures: [], sources: { succeeded: 1, unchanged: 0 } });
    // Copied, and split in another way.
    await space.write("three/a.pdf", "changed");
    expect(await ingest("three", "--chunk-size", "20")).toMatchObject({ failures: [] });
    // Chosen.
    await space.write("four.pdf", "changed again");
    expect(await space.json("ingest", "four.pdf", "--doc-id", "a.pdf", ...FAST)).toMatchObject({
      failures: [],
      sources: { succeeded: 1, unchanged: 0 },
    });
    expect(space.emulator.submissions).toBe(3);
  });
});
