import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LanceDbSink } from "../../../src/stores/lancedb/index.js";
import type { Point } from "../../../src/stores/sink.js";
import { idsOf, pointsOf, SPEC } from "../../support/sink-data.js";

const run = promisify(execFile);
const BUILT = fileURLToPath(new URL("../../../dist/src/stores/lancedb/index.js", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "unsiloed-lancedb-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs code with the built package in a separate process, which must end by itself. */
const inProcess = async (lines: string, points: readonly Point[] = []): Promise<string> => {
  const file = path.join(directory, `${crypto.randomUUID()}.mjs`);
  await writeFile(
    file,
    `import { LanceDbSink } from ${JSON.stringify(BUILT)};
     const SPEC = ${JSON.stringify(SPEC)};
     const points = ${JSON.stringify(points)};
     const directory = ${JSON.stringify(path.join(directory, "db"))};
     const loaded = () => process.report.getReport().sharedObjects.some((file) => file.includes("lancedb"));
     ${lines}`,
  );
  const { stdout } = await run(process.execPath, [file]);
  return stdout.trim();
};

describe("a process", () => {
  it("does not load the database when it imports or creates the sink", async () => {
    expect(await inProcess("new LanceDbSink({ directory }); console.log(loaded());")).toBe("false");
  });

  it.each(["await sink.close();", ""])("ends by itself after %j", async (ending) => {
    const lines = `
      const sink = new LanceDbSink({ directory });
      await sink.prepare(SPEC);
      await sink.upsert(points);
      for await (const point of sink.listPoints("report.pdf")) break;
      console.log(loaded(), await sink.count());
      ${ending}`;
    expect(await inProcess(lines, pointsOf(40))).toBe("true 40");
  });

  it("can write the same points as others at the same time", async () => {
    const writer = (from: number) =>
      inProcess(
        `const sink = new LanceDbSink({ directory });
        await sink.prepare(SPEC);
        for (let at = 0; at < 200; at += 25) await sink.upsert(points.slice(at, at + 25));
        await sink.close();
        console.log("done");`,
        pointsOf(200, undefined, from),
      );
    expect(await Promise.all([writer(0), writer(100), writer(0)])).toEqual(["done", "done", "done"]);
    const sink = new LanceDbSink({ directory: path.join(directory, "db") });
    const listed: { id: string }[] = [];
    for await (const point of sink.listPoints("report.pdf")) listed.push(point);
    expect(idsOf(listed)).toEqual(idsOf(pointsOf(300)));
    expect((await sink.open()).spec).toEqual(SPEC);
    await sink.close();
  });
});
