import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DocumentQueue, TakenDocument } from "../../src/queue/queue.js";

export interface QueueUnderTest {
  queue: DocumentQueue;
  /** Opens another queue on the same documents, as another process would. */
  other(): DocumentQueue;
  /** Lets the time pass in which a taken document has to be kept, and hands out again what was not. */
  expire(): Promise<void>;
  /** Ends the pauses of documents that have failed. */
  endPauses(): Promise<void>;
  close(): Promise<void>;
}

export const queued = (docId: string) => ({
  docId,
  source: { name: docId, parse: { use_high_resolution: true } },
});
const named = (taken: readonly TakenDocument[]): string[] => taken.map(({ docId }) => docId).sort();

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** Tests the rules that `DocumentQueue` states. */
export const describeQueue = (name: string, open: () => Promise<QueueUnderTest>): void => {
  describe(`${name} as a queue of documents`, () => {
    let under: QueueUnderTest;
    let queue: DocumentQueue;
    beforeEach(async () => {
      under = await open();
      queue = under.queue;
    });
    afterEach(() => under.close());

    it("is empty at first", async () => {
      expect(await queue.take(10)).toEqual([]);
      expect(await queue.enqueue([])).toBe(0);
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, dead: 0 });
    });

    it("hands out each document once, with what was added", async () => {
      expect(await queue.enqueue([queued("a.pdf"), queued("b.pdf")])).toBe(2);
      const [first, ...others] = await queue.take(1);
      expect(others).toEqual([]);
      expect(first).toMatchObject({ ...queued(first?.docId ?? ""), retries: 0 });
      const rest = await queue.take(10);
      expect(named([...(first ? [first] : []), ...rest])).toEqual(["a.pdf", "b.pdf"]);
      expect(await queue.take(10)).toEqual([]);
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 2, dead: 0 });
    });

    it("takes none where there is no room", async () => {
      await queue.enqueue([queued("a.pdf")]);
      expect(await queue.take(0)).toEqual([]);
    });

    it("adds nothing of what waits or is taken, and adds it again once it has ended", async () => {
      await queue.enqueue([queued("a.pdf")]);
      expect(await queue.enqueue([queued("a.pdf"), queued("b.pdf"), queued("b.pdf")])).toBe(1);
      const taken = await queue.take(10);
      expect(await queue.enqueue([queued("a.pdf"), queued("b.pdf")])).toBe(0);
      await queue.done(taken);
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, dead: 0 });
      expect(await queue.enqueue([queued("a.pdf"), queued("b.pdf")])).toBe(2);
    });

    it("takes long and unusual ids", async () => {
      const ids = ["x".repeat(5000), "ü/𝒳?a=b#c", `${"x".repeat(5000)}2`];
      expect(await queue.enqueue(ids.map(queued))).toBe(3);
      expect(await queue.enqueue(ids.map(queued))).toBe(0);
      expect(named(await queue.take(9))).toEqual(ids.sort());
    });

    it("divides documents among processes that take at the same time", async () => {
      const others = [queue, under.other(), under.other()];
      const ids = Array.from({ length: 200 }, (_, n) => `${n}.pdf`);
      await queue.enqueue(ids.map(queued));
      const taken = await Promise.all(
        others.map(async (one) => {
          const all: TakenDocument[] = [];
          for (let some = await one.take(7); some.length > 0; some = await one.take(7)) all.push(...some);
          return all;
        }),
      );
      expect(named(taken.flat())).toEqual(ids.sort());
      for (const one of others.slice(1)) await one.close();
    });

    it("hands out again what a process neither keeps nor ends, and ignores that process from then on", async () => {
      const ended = under.other();
      await queue.enqueue([queued("a.pdf"), queued("b.pdf")]);
      const lost = await ended.take(2);
      await under.expire();
      await under.endPauses();
      const taken = await queue.take(9);
      expect(named(taken)).toEqual(["a.pdf", "b.pdf"]);
      expect(taken.map(({ retries }) => retries)).toEqual([1, 1]);
      await ended.done(lost);
      await ended.giveBack(lost);
      if (lost[0]) await ended.failed(lost[0], "too late");
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 2, dead: 0 });
      await queue.done(taken);
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, dead: 0 });
      await ended.close();
    });

    it("hands out again at once what is given back, as if it had not been taken", async () => {
      await queue.enqueue([queued("a.pdf")]);
      for (let round = 0; round < 8; round++) {
        const taken = await queue.take(9);
        expect(taken).toMatchObject([{ ...queued("a.pdf"), retries: 0 }]);
        await queue.giveBack(taken);
      }
      expect(await queue.counts()).toEqual({ waiting: 1, taken: 0, dead: 0 });
    });

    it("pauses before a document that failed is handed out again, and gives it up after five more times", async () => {
      await queue.enqueue([queued("a.pdf")]);
      for (let retries = 0; retries <= 5; retries++) {
        const [taken] = await queue.take(9);
        expect(taken).toMatchObject({ docId: "a.pdf", retries });
        if (taken) await queue.failed(taken, "the store is down");
        expect(await queue.take(9)).toEqual([]);
        await under.endPauses();
      }
      expect(await queue.take(9)).toEqual([]);
      expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, dead: 1 });
      const dead = await collect(queue.dead());
      expect(dead).toEqual([{ ...queued("a.pdf"), reason: "the store is down", diedAt: expect.any(String) }]);
      expect(Math.abs(Date.parse(dead[0]?.diedAt ?? "") - Date.now())).toBeLessThan(60_000);
      expect(await queue.enqueue([queued("a.pdf")])).toBe(1);
      expect(await queue.counts()).toEqual({ waiting: 1, taken: 0, dead: 0 });
    });

    it("says how long documents have waited, and which of them failed", async () => {
      expect(await queue.details()).toEqual({ paused: 0, oldestWaitingSeconds: null, workers: 0 });
      await queue.enqueue([queued("a.pdf"), queued("b.pdf")]);
      const [taken] = await queue.take(1);
      if (taken) await queue.failed(taken, "later");
      const { oldestWaitingSeconds, ...details } = await queue.details();
      expect(details).toEqual({ paused: 1, workers: 0 });
      expect(oldestWaitingSeconds).toBeGreaterThan(0);
      expect(oldestWaitingSeconds).toBeLessThan(60);
    });

    it("forgets documents that wait or were given up, and none that is taken", async () => {
      await queue.enqueue([queued("dead.pdf")]);
      for (let retries = 0; retries <= 5; retries++) {
        for (const taken of await queue.take(9)) await queue.failed(taken, "no");
        await under.endPauses();
      }
      await queue.enqueue([queued("taken.pdf")]);
      const taken = await queue.take(1);
      await queue.enqueue([queued("waiting.pdf"), queued("other.pdf")]);
      expect(await queue.counts()).toEqual({ waiting: 2, taken: 1, dead: 1 });
      await queue.forget(["dead.pdf", "taken.pdf", "waiting.pdf", "unknown.pdf"]);
      await queue.forget([]);
      expect(await queue.counts()).toEqual({ waiting: 1, taken: 1, dead: 0 });
      await queue.done(taken);
      expect(named(await queue.take(9))).toEqual(["other.pdf"]);
    });

    it("closes twice, and keeps its documents", async () => {
      await queue.enqueue([queued("a.pdf")]);
      await queue.close();
      await queue.close();
      const other = under.other();
      expect(named(await other.take(9))).toEqual(["a.pdf"]);
      await other.close();
    });
  });
};
