import { execFile } from "node:child_process";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { WorkerPool, type WorkerPoolOptions } from "../../../src/internal/async/worker-pool.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";

/** A worker that answers with its own number and the request, fails, crashes, exits, answers late or never. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from "node:worker_threads";
    /** Waits a number of turns of the event loop, so that the load of the machine does not matter. */
    const answerAfter = (turns, request) => {
      if (turns > 0) setImmediate(answerAfter, turns - 1, request);
      else parentPort.postMessage({ ok: true, value: [threadId, request] });
    };
    parentPort.on("message", (request) => {
      if (request === "fail") parentPort.postMessage({ ok: false, message: "no good" });
      else if (request === "crash") setImmediate(() => { throw new Error("boom"); });
      else if (request === "exit") process.exit(3);
      else if (request === "slow") answerAfter(1_000, request);
      else if (request !== "hang") parentPort.postMessage({ ok: true, value: [threadId, request] });
    });
  `)}`,
);

const MODEL = {
  what: "the embedding model",
  code: "EMBEDDING_FAILED",
  idleMs: 600_000,
  onAbort: "finish",
} as const;
const never = new AbortController().signal;
const pools: WorkerPool<string, [number, string]>[] = [];
const open = (threads = 1, options: Partial<WorkerPoolOptions> = {}) => {
  const pool = new WorkerPool<string, [number, string]>({ script, threads, ...MODEL, ...options });
  pools.push(pool);
  return pool;
};
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

describe("WorkerPool", () => {
  it("answers every request in one thread", async () => {
    const pool = open();
    const requests = ["a", "b", "c", "d"];
    const answers = await Promise.all(requests.map((request) => pool.run(request, never)));
    expect(answers.map(([, request]) => request)).toEqual(requests);
    expect(new Set(answers.map(([thread]) => thread)).size).toBe(1);
  });

  it("uses as many threads as allowed, and continues when one of them hangs", async () => {
    const pool = open(2);
    const hanging = pool.run("hang", never);
    const answers = await Promise.all(["a", "b"].map((request) => pool.run(request, never)));
    expect(new Set(answers.map(([thread]) => thread)).size).toBe(1);
    const closed = expect(hanging).rejects.toMatchObject({ code: "ABORTED" });
    await pool.close();
    await closed;
  });

  it("fails one request without failing the others", async () => {
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
  ])("replaces a thread that ends by a %s, and serves the waiting request", async (request, message) => {
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

  it("reports a thread that cannot be started, for each request", async () => {
    const pool = open(1, { script: new URL("http://127.0.0.1/no-script.js") });
    for (let n = 0; n < 2; n++)
      await expect(pool.run("a", never)).rejects.toMatchObject({
        code: "EMBEDDING_FAILED",
        message: expect.stringContaining("the thread of the embedding model cannot be started"),
      });
  });

  it("drops an aborted request in the queue, and ignores the answer to a running one", async () => {
    const pool = open();
    const stop = new AbortController();
    const requests = ["a", "b"].map((request) => pool.run(request, stop.signal));
    stop.abort();
    for (const request of requests) await expect(request).rejects.toMatchObject({ code: "ABORTED" });
    expect((await pool.run("c", never))[1]).toBe("c");
    await expect(pool.run("d", stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("ends the thread of an aborted request with `onAbort: end`, and serves the next by a new thread", async () => {
    const pool = open(1, { onAbort: "end" });
    const [first] = await pool.run("a", never);
    const stop = new AbortController();
    const hanging = pool.run("hang", stop.signal);
    const waiting = pool.run("b", never);
    stop.abort();
    await expect(hanging).rejects.toMatchObject({ code: "ABORTED" });
    expect(await waiting).toEqual([expect.not.toSatisfy((id) => id === first), "b"]);
  });

  it("keeps the thread of an aborted request with `onAbort: finish`", async () => {
    const pool = open();
    const [first] = await pool.run("a", never);
    const stop = new AbortController();
    const slow = pool.run("slow", stop.signal);
    stop.abort();
    await expect(slow).rejects.toMatchObject({ code: "ABORTED" });
    expect(await pool.run("b", never)).toEqual([first, "b"]);
  });

  it("ends a thread that has been idle for long", async () => {
    const clock = new AutoAdvanceClock();
    const pool = open(1, { clock, idleMs: 5_000 });
    const [first] = await pool.run("a", never);
    // The thread has not been idle for long.
    expect(await pool.run("b", never)).toEqual([first, "b"]);
    while (clock.waits.length < 3) await setImmediate();
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    const [second] = await pool.run("c", never);
    expect(second).not.toBe(first);
    expect(new Set(clock.waits)).toEqual(new Set([5_000]));
  });

  it("ends only idle threads when asked to", async () => {
    const pool = open(2);
    const slow = pool.run("slow", never);
    const [idle] = await pool.run("a", never);
    await pool.closeIdle();
    const [next] = await pool.run("b", never);
    expect(next).not.toBe(idle);
    expect((await slow)[1]).toBe("slow");
  });
});

describe("a program that uses a WorkerPool", () => {
  const built = path.resolve(import.meta.dirname, "../../../dist/src/internal/async/worker-pool.js");
  const prologue = `
    import { WorkerPool } from ${JSON.stringify(built)};
    const pool = new WorkerPool({
      script: new URL(${JSON.stringify(script.href)}), threads: 1, what: "it", code: "UNEXPECTED",
      idleMs: 600_000, onAbort: process.argv[1],
    });
    const stop = new AbortController();`;
  /** Runs a program that must end by itself. @returns what it prints */
  const run = async (body: string, onAbort: WorkerPoolOptions["onAbort"]): Promise<string> => {
    const args = ["--input-type=module", "--eval", prologue + body, onAbort];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return stdout.trim();
  };

  it.each(["end", "finish"] as const)(
    "runs until the request behind an aborted one is answered (%s)",
    async (onAbort) => {
      const body = `
      const slow = pool.run("slow", stop.signal).catch((error) => console.log(error.code));
      stop.abort();
      await slow;
      console.log((await pool.run("next"))[1]);`;
      expect(await run(body, onAbort)).toBe("ABORTED\nnext");
    },
  );

  it("ends although an aborted request is running", async () => {
    const body = `
      const hanging = pool.run("hang", stop.signal).catch((error) => console.log(error.code));
      stop.abort();`;
    expect(await run(body, "finish")).toBe("ABORTED");
  });

  it("ends although its first request could not be sent", async () => {
    const body = `await pool.run(() => 1).catch((error) => console.log(error.name));`;
    expect(await run(body, "end")).toBe("DataCloneError");
  });
});
