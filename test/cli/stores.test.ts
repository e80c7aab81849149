import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../support/cli/run-cli.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");
const INGEST = ["ingest", "result:report.json", "--embeddings", "local"];

let cwd: string;
let qdrant: QdrantDouble;

beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-stores-"));
  await copyFile(SAMPLE, path.join(cwd, "report.json"));
  qdrant = await QdrantDouble.start();
});
afterEach(async () => {
  await qdrant.close();
  await rm(cwd, { recursive: true, force: true });
});

const run = (args: string[]) => runCli(args, { cwd, env: { QDRANT_URL: qdrant.url } });

describe("options of a store", () => {
  it("limit the points of a request, and leave out vectors of words", async () => {
    const { code } = await run([...INGEST, "--store-batch", "3", "--no-sparse"]);
    expect(code).toBe(0);
    const sizes = qdrant
      .received("PUT /collections/unsiloed/points")
      .map(({ body }) => (body as { points: unknown[] }).points.length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBe(3);
    expect(qdrant.store.collections.get("unsiloed")?.config.sparse_vectors).toBeUndefined();
    const found = await run(["search", "net debt", "--json"]);
    expect(JSON.parse(found.stdout).length ?? 1).toBeGreaterThan(0);
  });

  it.each([
    [
      ["--store-batch", "3"],
      /--store-batch: expected a store that has this option \(qdrant\), got "lancedb:x"/,
    ],
    [["--no-sparse"], /--no-sparse: expected a store that has this option \(qdrant\), got "lancedb:x"/],
  ])("are refused where the store has none: %s", async (args, message) => {
    const { code, stderr } = await run([...INGEST, "--store", "lancedb:x", ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("work with a collection in strict mode, also for a second run, an expanded search and a deletion", async () => {
    await qdrant.close();
    const limits = { max_query_limit: 5, upsert_max_batchsize: 4, search_allow_exact: false };
    qdrant = await QdrantDouble.start({ strictMode: limits });
    expect((await run(INGEST)).code).toBe(0);
    const again = await run([...INGEST, "--verify", "--json"]);
    expect(JSON.parse(again.stdout).sources).toMatchObject({ unchanged: 1, failed: 0 });
    expect((await run(["search", "net debt", "--expand", "section"])).code).toBe(0);
    expect((await run(["delete", "report.json"])).code).toBe(0);
    expect(qdrant.store.collections.get("unsiloed")?.points.size).toBe(0);
  });
});

describe("a store that is stopped", () => {
  it.each([
    ["ingest", INGEST],
    ["plan", ["plan", "result:report.json", "--embeddings", "local"]],
    ["search", ["search", "net debt"]],
    ["delete", ["delete", "report.json"]],
    ["repair", ["repair"]],
  ])("is named in one line, with what to do: %s", async (_name, args) => {
    const { url } = qdrant;
    await qdrant.close();
    const { code, stdout, stderr } = await runCli(args, { cwd, env: { QDRANT_URL: url } });
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(url);
    expect(stderr).toMatch(/could not be reached .*check that it is running/);
  });
});
