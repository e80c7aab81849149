import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runHosted } from "../support/cli/run-cli.js";
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

const run = (args: string[]) => runHosted(args, { cwd, env: { QDRANT_URL: qdrant.url } });

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
    [["--shards", "6"], /--shards: expected a store that has this option \(qdrant\), got "lancedb:x"/],
    [["--no-sparse"], /--no-sparse: expected a store that has this option \(qdrant\), got "lancedb:x"/],
  ])("are refused where the store has none: %s", async (args, message) => {
    const { code, stderr } = await run([...INGEST, "--store", "lancedb:x", ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("create a collection for a cluster, which doctor and status show", async () => {
    await qdrant.close();
    qdrant = await QdrantDouble.start({ servers: 3 });
    const creation = ["--shards", "6", "--replicas", "2", "--write-consistency", "2"];
    const storage = ["--quantization", "scalar", "--on-disk", "vectors,hnsw"];
    expect((await run([...INGEST, ...creation, ...storage])).code).toBe(0);
    expect(qdrant.store.collections.get("unsiloed")?.config).toMatchObject({
      shard_number: 6,
      replication_factor: 2,
      write_consistency_factor: 2,
      quantization_config: { scalar: { type: "int8", always_ram: true } },
      hnsw_config: { on_disk: true },
      vectors: { on_disk: true },
    });
    const facts = {
      servers: "3 servers",
      shards: "6 shards with 2 replicas each, 12 of 12 active",
      "write consistency": "2 replicas",
      quantization: "scalar",
      "on disk": "vectors, payload, hnsw",
    };
    const { store } = JSON.parse((await run(["status", "--json"])).stdout);
    expect(store).toMatchObject({ facts, problems: [] });

    qdrant.store.replicaStates.set("3/2", "Dead");
    qdrant.store.lostServers.add("http://server-2:6335/");
    const shown = await run(["status"]);
    expect(shown.stdout).toContain("  shards: 6 shards with 2 replicas each, 11 of 12 active");
    expect(shown.stdout).toContain("  PROBLEM shard 3 is Dead on server 2");
    expect(shown.stdout).toContain(
      "  PROBLEM the server at http://server-2:6335/ does not answer the others",
    );
    const { checks } = JSON.parse((await run(["doctor", "--json"])).stdout);
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: "collection",
        status: "warning",
        message: expect.stringContaining("shard 3 is Dead on server 2"),
      }),
    );
  });

  it("leave a collection as it was created, and say so", async () => {
    expect(await run(INGEST)).toMatchObject({ code: 0 });
    const { code, stderr } = await run([...INGEST, "--shards", "6", "--quantization", "binary"]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "keeps the settings that it was created with: shard_number is 1, asked for 6; quantization_config is not set",
    );
    expect((await run([...INGEST, "--on-disk", "memory"])).stderr).toContain(
      "expected some of vectors, payload, hnsw",
    );
  });

  it("leave out of status a cluster that the key may not see, and tell of a server that is away", async () => {
    expect(await run(INGEST)).toMatchObject({ code: 0 });
    qdrant.faults.add({
      fault: { kind: "status", status: 403, message: "forbidden" },
      on: "/cluster",
      times: 2,
    });
    const { store } = JSON.parse((await run(["status", "--json"])).stdout);
    expect(store).toMatchObject({ facts: { quantization: "none" }, problems: [] });
    await qdrant.close();
    expect((await run(["status"])).stdout).toContain("could not be reached");
    qdrant = await QdrantDouble.start();
  });

  it("work with a collection in strict mode, also for a second run, an expanded search and a deletion", async () => {
    await qdrant.close();
    const limits = { max_query_limit: 5, upsert_max_batchsize: 4, search_allow_exact: false };
    qdrant = await QdrantDouble.start({ strictMode: limits });
    expect(await run(INGEST)).toMatchObject({ code: 0 });
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
    const { code, stdout, stderr } = await runHosted(args, { cwd, env: { QDRANT_URL: url } });
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(url);
    expect(stderr).toMatch(/could not be reached .*check that it is running/);
  });
});
