import { describe, expect, it } from "vitest";
import { FifoQueue } from "../../../src/internal/async/fifo-queue.js";

describe("FifoQueue", () => {
  it("grants in the order of arrival, and shows what the first waiter needs", async () => {
    const queue = new FifoQueue<string, number>(() => undefined);
    expect([queue.length, queue.first]).toEqual([0, undefined]);
    const [first, second] = [queue.wait(undefined, 1), queue.wait(undefined, 2)];
    await Promise.resolve();
    expect([queue.length, queue.first]).toEqual([2, 1]);
    queue.grantFirst("a");
    expect([queue.length, queue.first]).toEqual([1, 2]);
    queue.grantFirst("b");
    queue.grantFirst("nobody waits for this");
    expect(await Promise.all([first, second])).toEqual(["a", "b"]);
    expect(queue.length).toBe(0);
  });

  it("drops a waiter whose signal aborts, rejects its promise, and never adds an aborted one", async () => {
    const lengths: number[] = [];
    const queue: FifoQueue<string> = new FifoQueue(() => void lengths.push(queue.length));
    const controller = new AbortController();
    const dropped = queue.wait(controller.signal).catch((thrown: unknown) => thrown);
    const kept = queue.wait(undefined);
    controller.abort();
    expect(await dropped).toMatchObject({ code: "ABORTED" });
    await expect(queue.wait(controller.signal)).rejects.toMatchObject({ code: "ABORTED" });
    expect(lengths).toEqual([1, 2, 1]);
    queue.grantFirst("granted");
    expect(await kept).toBe("granted");
  });

  it("leaves no listener on the signal of a waiter that was granted", async () => {
    const queue = new FifoQueue<string>(() => undefined);
    const { signal } = new AbortController();
    const listeners: string[] = [];
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.push("added");
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.push("removed");
      removeEventListener.apply(signal, args);
    };
    const waiting = queue.wait(signal);
    queue.grantFirst("granted");
    await waiting;
    expect(listeners).toEqual(["added", "removed"]);
  });
});
