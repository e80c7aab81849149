import { afterEach, describe, expect, it } from "vitest";
import { WorkerPool } from "../../src/internal/worker-pool.js";

/** A worker that answers with its own number and the request, fails, crashes, exits or never answers, as it is told. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from "node:worker_threads";
    parentPort.on("message", (request) => {
      if (request === "fail") parentPort.postMessage({ ok: false, message: "no good" });
      else if (request === "crash") setImmediate(() => { throw new Error("boom"); });
      else if (request === "exit") process.exit(3);
      else if (request !== "hang") parentPort.postMessage({ ok: true, value: [threadId, request] });
    });
  `)}`,
);

const MODEL = { what: "the embedding model", code: "EMBEDDING_FAILED" } as const;
const never = new AbortController().signal;
const pools: WorkerPool<string, [number, string]>[] = [];
const open = (threads = 1) => {
  const pool = new WorkerPool<string, [number, string]>({ script, threads, ...MODEL });
  pools.push(pool);
  return pool;
};
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

describe("WorkerPool", () => {
  it("answers every request, one thread after the other", async () => {
    const pool = open();
    const requests = ["a", "b", "c", "d"];
    const answers = await Promise.all(requests.map((request) => pool.run(request, never)));
    expect(answers.map(([, request]) => request)).toEqual(requests);
    expect(new Set(answers.map(([thread]) => thread)).size).toBe(1);
  });

  it("uses as many threads as allowed, and goes on when one of them hangs", async () => {
    const pool = open(2);
    const hanging = pool.run("hang", never);
    const answers = await Promise.all(["a", "b"].map((request) => pool.run(request, never)));
    expect(new Set(answers.map(([thread]) => thread)).size).toBe(1);
    const closed = expect(hanging).rejects.toMatchObject({ code: "ABORTED" });
    await pool.close();
    await closed;
  });

  it("fails one request without the others", async () => {
    const pool = open();
    const [failed, answered] = await Promise.allSettled([pool.run("fail", never), pool.run("a", never)]);
    expect(failed).toMatchObject({
      reason: { code: "EMBEDDING_FAILED", message: "the embedding model failed: no good", retryable: false },
    });
    expect(answered).toMatchObject({ status: "fulfilled" });
  });

  it.each([
    ["crash", "the thread of the embedding model ended (boom)"],
    ["exit", "the thread of the embedding model ended (exit code 3)"],
  ])("replaces a thread that ends by a %s, and serves what waited", async (request, message) => {
    const pool = open();
    const [first] = await pool.run("a", never);
    const [ended, waited] = await Promise.allSettled([pool.run(request, never), pool.run("b", never)]);
    expect(ended).toMatchObject({ reason: { code: "EMBEDDING_FAILED", retryable: true, message } });
    expect(waited).toMatchObject({ value: [expect.not.toSatisfy((id) => id === first), "b"] });
  });

  it("reports a script that cannot be loaded", async () => {
    const pool = new WorkerPool<string, string>({
      script: new URL("./no-such-script.js", import.meta.url),
      threads: 1,
      ...MODEL,
    });
    await expect(pool.run("a", never)).rejects.toMatchObject({
      code: "EMBEDDING_FAILED",
      message: expect.stringContaining("no-such-script"),
    });
  });

  it("drops an aborted request before its turn, and forgets the answer to one under way", async () => {
    const pool = open();
    const stop = new AbortController();
    const requests = ["a", "b"].map((request) => pool.run(request, stop.signal));
    stop.abort();
    for (const request of requests) await expect(request).rejects.toMatchObject({ code: "ABORTED" });
    expect((await pool.run("c", never))[1]).toBe("c");
    await expect(pool.run("d", stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
  });
});
