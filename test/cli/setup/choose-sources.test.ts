import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { chooseSources, findSources, oneByOne } from "../../../src/cli/setup/sources/choose-sources.js";
import { filesNamed } from "../../support/files-named.js";
import { collect } from "../../support/parse-service.js";

describe("the sources of a command", () => {
  const offline = { offline: true };

  it("are listed where they are few, and found as they are needed beyond that", async () => {
    const directory = await filesNamed(...Array.from({ length: 1200 }, (_, n) => `a/${n}.pdf`), "z/last.pdf");
    expect(await chooseSources([path.join(directory, "z")], offline)).toHaveLength(1);
    const { listed, streams } = await findSources([directory], offline);
    expect(listed).toHaveLength(1000);
    // A directory that was not read yet shows that nothing of it is in memory.
    await writeFile(path.join(directory, "z/late.pdf"), "%PDF-1.7");
    const others = (await Promise.all(streams.map((stream) => collect(stream)))).flat();
    expect(others).toHaveLength(202);
    expect(others.at(-1)).toMatchObject({
      name: directory,
      source: { file: path.join(directory, "z/late.pdf") },
    });
  });

  it("are each found once where names overlap", async () => {
    const directory = await filesNamed(...Array.from({ length: 1001 }, (_, n) => `${n}.pdf`));
    const sources = oneByOne([await chooseSources([path.join(directory, "999.pdf"), directory], offline)]);
    const ids = (await collect(sources)).map(({ docId }) => docId);
    expect(new Set(ids).size).toBe(1001);
    expect(ids).toHaveLength(1001);
  });
});
