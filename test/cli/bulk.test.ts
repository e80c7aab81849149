import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runHosted, startCli } from "../support/cli/run-cli.js";
import { OpenAIServer } from "../support/openai/server.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");
const KEY = "key-that-must-not-leak";

describe("the option --bulk", () => {
  let cwd: string;
  let openai: OpenAIServer;
  let qdrant: QdrantDouble;
  /** Awaited before points are written. */
  let writing: () => Promise<void>;

  beforeEach(async () => {
    cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-bulk-"));
    await copyFile(SAMPLE, path.join(cwd, "report.json"));
    writing = async () => undefined;
    openai = await OpenAIServer.start({ dimensions: 8, apiKey: KEY });
    qdrant = await QdrantDouble.start({
      beforeAnswer: async ({ method, path }) => {
        if (method === "PUT" && path.endsWith("/points")) await writing();
      },
    });
  });
  afterEach(async () => {
    await Promise.all([openai.close(), qdrant.close()]);
    await rm(cwd, { recursive: true, force: true });
  });

  const env = () => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: openai.baseURL, QDRANT_URL: qdrant.url });
  const load = ["ingest", "result:report.json", "--bulk", "--json"];
  const indexing = () => {
    const { optimizers_config, metadata } = qdrant.store.collections.get("unsiloed")?.config ?? {};
    return [optimizers_config?.["indexing_threshold"], metadata?.["unsiloed_bulk"] !== undefined];
  };

  it("begun by its own command, lasts over runs and other machines until that ends it", async () => {
    const ingest = load.filter((word) => word !== "--bulk");
    const run = async (...args: string[]) => runHosted(args, { cwd, env: env() });
    expect((await run("bulk", "begin")).stderr).toMatch(
      /does not exist yet.*ingest one.*"unsiloed-ingest bulk begin" again/,
    );
    expect((await run("bulk", "end")).stderr).toContain("no indexing is deferred");
    await run(...ingest);
    expect((await run("bulk", "begin")).stdout).toContain("defers the indexing of vectors");
    expect(indexing()).toEqual([0, true]);
    // Neither opening nor closing the collection ends it, nor does a run in bulk mode.
    expect((await run(...load, "--verify")).code).toBe(0);
    expect((await run(...ingest, "--chunk-size", "100")).code).toBe(0);
    expect((await run(...load, "--chunk-size", "200")).code).toBe(0);
    expect(indexing()).toEqual([0, true]);
    expect((await run("status")).stdout).toContain("indexing: deferred");
    expect(JSON.parse((await run("bulk", "end", "--json")).stdout)).toMatchObject({ indexing: "resumed" });
    expect(indexing()).toEqual([10_000, false]);
    const refused = await run("bulk", "begin", "--store", "lancedb:x");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--store: expected a store")]);
  });

  it("delays indexing until the run ends", async () => {
    const seen: unknown[] = [];
    writing = async () => void seen.push(indexing());
    const { code, stdout } = await runHosted(load, { cwd, env: env() });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).points.upserted).toBeGreaterThan(10);
    expect(seen[0]).toEqual([0, true]);
    expect(indexing()).toEqual([10_000, false]);
  });

  it("is undone by the next load after the run was killed, as a search writes nothing", async () => {
    const { child, ended } = startCli(load, { cwd, env: env() });
    const search = ["search", "net debt", "--json"];
    const searches: number[] = [];
    writing = async () => {
      if (searches.length > 0) return;
      searches.push((await runHosted(search, { cwd, env: env() })).code ?? -1);
      // The run is still alive, so a search does not end its bulk mode.
      expect(indexing()).toEqual([0, true]);
      child.kill("SIGKILL");
    };
    expect((await ended).signal).toBe("SIGKILL");
    expect(indexing()).toEqual([0, true]);
    searches.push((await runHosted(search, { cwd, env: env() })).code ?? -1);
    expect(searches).toEqual([0, 0]);
    expect(indexing()).toEqual([0, true]);
    expect((await runHosted(load, { cwd, env: env() })).code).toBe(0);
    expect(indexing()).toEqual([10_000, false]);
  });

  it("reports that the key may not change the collection, and loads without bulk mode", async () => {
    qdrant.faults.add({
      on: "PATCH",
      fault: { kind: "status", status: 403, message: "read only" },
      times: 9,
    });
    const { code, stderr } = await runHosted(load, { cwd, env: env() });
    expect(code).toBe(0);
    expect(stderr).toMatch(/store: the load continues without bulk mode: .*read only/);
  });

  it("is accepted for Qdrant only", async () => {
    const { code, stderr } = await runHosted([...load, "--store", "lancedb:x"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--bulk: expected a store that has this option \(qdrant\), got "lancedb:x"/);
  });
});
