import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { BuiltSplitter } from "../../support/splitters/built-splitter.js";
import { here, load } from "../../support/splitters/long-document.js";

describe("the threads of splitters", () => {
  const splitters: SegmentSplitter[] = [];
  const open = () => {
    const splitter = new BuiltSplitter({ threads: 1 });
    splitters.push(splitter);
    return splitter;
  };
  afterEach(() => Promise.all(splitters.splice(0).map((splitter) => splitter.close())));

  it("are shared, so that no splitter needs to be closed", async () => {
    const documents = await load(true);
    await open().close();
    let started = 0;
    const count = () => {
      started += 1;
    };
    process.on("worker", count);
    for (let n = 0; n < 5; n++)
      await new BuiltSplitter({ threads: 1, chunkSize: 100 + n }).transformDocuments(documents);
    process.off("worker", count);
    expect(started).toBe(1);
  });

  it("are closed without stopping other splitters", async () => {
    const documents = await load(true);
    const [one, other] = [open(), open()];
    const stopped = expect(one.transformDocuments(documents)).rejects.toMatchObject({
      code: "ABORTED",
      message: "stopped: the splitter was closed",
    });
    const goesOn = other.transformDocuments(documents);
    await one.close();
    await stopped;
    expect(await goesOn).toEqual(await here().transformDocuments(documents));
  });
});

describe("a splitter that runs from TypeScript", () => {
  it("starts no thread, neither from its source nor from the build", async () => {
    const documents = await load(true);
    let started = 0;
    const count = () => {
      started += 1;
    };
    process.on("worker", count);
    const splits = await new SegmentSplitter({ threads: 1 }).transformDocuments(documents);
    process.off("worker", count);
    expect(started).toBe(0);
    expect(splits).toEqual(await here().transformDocuments(documents));
  });
});

describe("a splitter in a program of its own", () => {
  const root = path.resolve(import.meta.dirname, "../../..");
  /** Runs a program that must end by itself. @returns what it prints */
  const run = async (dist: string, body: string): Promise<string> => {
    const program = `
      import { SegmentSplitter, UnsiloedResultLoader } from ${JSON.stringify(path.join(dist, "src/index.js"))};
      const markdown = "All of this is said again and again. ".repeat(5_000);
      const segments = [{ segment_type: "Text", page_number: 1, markdown }];
      const documents = await new UnsiloedResultLoader({ job_id: "job", chunks: [{ segments }] }).load();
      const splitter = new SegmentSplitter({ threads: 1 });
      ${body}
      console.log((await splitter.transformDocuments(documents)).length);`;
    const args = ["--input-type=module", "--eval", program];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim();
  };

  it("does not keep the program alive, and ends with it", async () => {
    expect(Number(await run(path.join(root, "dist"), ""))).toBeGreaterThan(50);
  });

  it("serves the next call after one was aborted", async () => {
    const abort = `
      const stop = new AbortController();
      const aborted = splitter.transformDocuments(documents, { signal: stop.signal });
      stop.abort();
      await aborted.catch((error) => console.log(error.code));`;
    expect(await run(path.join(root, "dist"), abort)).toMatch(/^ABORTED\n\d+$/);
  });

  it("works without a thread when a bundler left its files out", async () => {
    const copy = await mkdtemp(path.join(root, "node_modules/.split-"));
    try {
      await cp(path.join(root, "dist"), copy, { recursive: true });
      await rm(path.join(copy, "src/splitters/worker/split-worker.js"));
      expect(Number(await run(copy, ""))).toBeGreaterThan(50);
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});
