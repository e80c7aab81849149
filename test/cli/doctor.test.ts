import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Check, type DoctorContext, runChecks } from "../../src/cli/doctor/check.js";
import { judgeNode } from "../../src/cli/doctor/machine-checks.js";
import { clockCheck } from "../../src/cli/doctor/service-checks.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/openai-embeddings.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { listen } from "../support/listen.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

describe("doctor", () => {
  let space: Workspace;
  beforeEach(async () => {
    space = await Workspace.open({}, ["docs/a.pdf"]);
  });
  afterEach(() => space.close());

  /** Runs the command. @returns its exit code and its checks by name */
  const doctor = async (env: Record<string, string | undefined> = {}, ...args: string[]) => {
    const all = Object.entries({ ...space.env, ...env }).filter(([, value]) => value !== undefined);
    const { code, stdout } = await space.cli(["doctor", "--json", ...args], {
      env: Object.fromEntries(all) as Record<string, string>,
    });
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string }[] };
    return { code, ok, ...Object.fromEntries(checks.map((check) => [check.name, check])) };
  };
  const status = (word: string, message?: string) => ({
    status: word,
    ...(message !== undefined && { message: expect.stringContaining(message) }),
  });

  it("finds everything in order, writes nothing and submits nothing", async () => {
    const found = await doctor();
    expect(found).toMatchObject({
      code: 0,
      ok: true,
      "config file": status("ok", "none"),
      "parse service": status("ok", "an emulator on this machine"),
      key: status("ok", "accepted by the service"),
      clock: status("ok"),
      binaries: status("ok", "lmdb and @lancedb/lancedb"),
      store: status("ok", "lancedb:.unsiloed/lancedb (unsiloed), LanceDB 0."),
      collection: status("ok", "does not exist yet"),
      model: status("ok", "text-embedding-3-small gives vectors of 16 numbers"),
      state: status("ok", "made by the first run"),
      disk: status("ok", "GiB free"),
    });
    expect(await readdir(space.cwd)).toEqual(["docs"]);
    expect(space.emulator.submissions).toBe(0);
    expect(space.emulator.requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("shows the collection with model, length and points, and a model that does not fit", async () => {
    await space.json("ingest", "docs", ...FAST);
    expect(await doctor()).toMatchObject({
      collection: status("ok", ", 16 dimensions, model text-embedding-3-small"),
    });
    expect(await doctor({}, "--embeddings", "local")).toMatchObject({
      code: 0,
      collection: { status: "warning", action: expect.stringContaining("--embeddings") },
    });
  });

  it("asks a Qdrant for its version and collection, without a write", async () => {
    const qdrant = await QdrantDouble.start();
    try {
      const env = { QDRANT_URL: qdrant.url };
      expect(await doctor(env)).toMatchObject({
        code: 0,
        store: status("ok", "Qdrant 1."),
        collection: status("ok", "does not exist yet"),
        binaries: status("ok", "lmdb for"),
      });
      expect(qdrant.requests.map(({ method }) => method)).not.toContain("PUT");
    } finally {
      await qdrant.close();
    }
  });

  it("runs all checks where some fail, and says what to do", async () => {
    const { url } = space.emulator;
    await space.emulator.close();
    const env = { UNSILOED_API_KEY: undefined, OPENAI_BASE_URL: url, QDRANT_URL: url };
    const found = await doctor(env);
    expect(found).toMatchObject({
      code: 1,
      ok: false,
      "parse service": {
        ...status("failed", "cannot reach"),
        action: expect.stringContaining("UNSILOED_BASE_URL"),
      },
      key: { ...status("failed", "not set"), action: expect.stringContaining("set UNSILOED_API_KEY") },
      clock: status("skipped"),
      store: { ...status("failed", "could not be reached"), action: expect.stringContaining("--store") },
      collection: status("skipped"),
      model: status("failed", "could not be reached"),
      state: status("ok"),
    });
    const { code, stdout } = await space.cli(["doctor"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failed {3}parse service +\S/m);
    expect(stdout).toMatch(/^ {24}→ check the network/m);
    expect(stdout).toMatch(/^1 failure, \d warnings?$/m);
    await space.restart();
  });

  it("tells a refused key from an unreachable service, and shows no key", async () => {
    const found = await doctor({ UNSILOED_API_KEY: "wrong-key-0123456789" });
    expect(found).toMatchObject({ code: 1, "parse service": status("ok"), key: status("failed", "refused") });
    expect(JSON.stringify(found)).not.toContain("wrong-key");
  });

  it("shows what is wrong with the config file and .env, and checks the rest", async () => {
    await writeFile(space.path("unsiloed.config.json"), '{"modle": 1}');
    expect(await doctor()).toMatchObject({
      code: 1,
      "config file": status("failed", "unsiloed.config.json: unknown option modle"),
      key: status("ok"),
    });
    await writeFile(space.path("unsiloed.config.json"), '{"store": "lancedb:kept", "embeddings": "local"}');
    expect(await doctor()).toMatchObject({
      code: 0,
      "config file": status("ok", "unsiloed.config.json"),
      store: status("ok", "lancedb:kept"),
      model: status("ok", "256 numbers"),
    });
    await mkdir(space.path(".env"));
    expect(await doctor()).toMatchObject({ code: 1, "config file": status("failed", ".env: ") });
  });

  it("names a state that is no directory", async () => {
    await writeFile(space.path("file"), "");
    expect(await doctor({}, "--state", "file/below")).toMatchObject({
      code: 1,
      state: status("failed", "below"),
    });
  });
});

describe("a check", () => {
  const context = (changes: Partial<DoctorContext> = {}): DoctorContext => ({
    options: {},
    environment: {},
    config: {},
    service: () => Promise.reject(new Error("not asked")),
    sink: () => Promise.reject(new Error("not asked")),
    signal: new AbortController().signal,
    ...changes,
  });

  it("that does not end fails after its time, beside others", async () => {
    const endless: Check = { name: "endless", run: () => new Promise(() => undefined) };
    const broken: Check = { name: "broken", run: () => Promise.reject(new Error("own words")) };
    expect(await runChecks([endless, broken], context(), 20)).toEqual([
      { name: "endless", status: "failed", message: "no answer within 0.02 s" },
      { name: "broken", status: "failed", message: "own words" },
    ]);
  });

  it("of Node knows what is too old and what is past its life", () => {
    expect(judgeNode("18.20.4").status).toBe("failed");
    expect(judgeNode("20.18.0").status).toBe("failed");
    expect(judgeNode("20.19.0").status).toBe("warning");
    expect(judgeNode("24.1.0").status).toBe("ok");
  });

  it.each([
    [0, "ok"],
    [-5 * 60, "warning"],
    [20 * 60, "failed"],
  ])("of the clock judges %d seconds as %s", async (seconds, expected) => {
    const theirs = Date.UTC(2026, 0);
    const times = { theirs, ours: theirs + seconds * 1000 };
    const service = async () => ({ host: "host", isLocal: false, status: 404, times });
    expect((await clockCheck.run(context({ service }))).status).toBe(expected);
  });

  it("of a service's model reads the list of models, which costs nothing", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ object: "list", data: [{ id: "model-a" }] }));
    });
    const baseURL = `http://127.0.0.1:${await listen(server)}/v1`;
    const listed = (model: string) =>
      new PackedOpenAIEmbeddings({ apiKey: "key", baseURL, model }).isListed();
    expect([await listed("model-a"), await listed("model-b")]).toEqual([true, false]);
    expect(asked).toEqual(["GET /v1/models", "GET /v1/models"]);
  });
});
