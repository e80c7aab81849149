import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryLimiter, type Reservation } from "../../../src/ingest/run/memory-limiter.js";
import { cases } from "../../support/thorough.js";

const LIMIT = 100;

/** Lets all pending work run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Requests a reservation, and reports whether it was granted. */
const reserving = (limiter: MemoryLimiter, signal?: AbortSignal) => {
  const request: { reservation?: Reservation; error?: unknown } = {};
  limiter.reserve(signal).then(
    (reservation) => {
      request.reservation = reservation;
    },
    (error: unknown) => {
      request.error = error;
    },
  );
  return request;
};

describe("MemoryLimiter", () => {
  it("lets a number of documents be read at once, and the next as soon as one was read", async () => {
    const limiter = new MemoryLimiter(LIMIT, 2);
    const [first, second, third] = [reserving(limiter), reserving(limiter), reserving(limiter)];
    await settled();
    expect([first, second, third].map(({ reservation }) => reservation !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    first?.reservation?.shrinkTo(10);
    await settled();
    expect(third?.reservation).toBeDefined();
    expect(limiter.held).toBe(10);
  });

  it("admits no document while too much memory is reserved", async () => {
    const limiter = new MemoryLimiter(LIMIT, 2);
    const first = await limiter.reserve();
    const second = await limiter.reserve();
    first.grow(70);
    second.grow(50);
    first.shrinkTo(60);
    second.shrinkTo(45);
    const waiting = reserving(limiter);
    await settled();
    expect([limiter.held, waiting.reservation]).toEqual([105, undefined]);
    second.release();
    await settled();
    expect(waiting.reservation).toBeDefined();
    expect(limiter.held).toBe(60);
  });

  it("admits a document that is larger than the limit only alone", async () => {
    const limiter = new MemoryLimiter(LIMIT, 2);
    const large = await limiter.reserve();
    large.grow(10 * LIMIT);
    const waiting = reserving(limiter);
    await settled();
    expect(waiting.reservation).toBeUndefined();
    large.shrinkTo(5 * LIMIT);
    await settled();
    expect(waiting.reservation).toBeUndefined();
    large.release();
    large.release();
    await settled();
    expect(waiting.reservation).toBeDefined();
    expect(limiter.held).toBe(0);
  });

  it("drops an aborted waiter, and admits the one after it", async () => {
    const limiter = new MemoryLimiter(LIMIT, 1);
    const first = await limiter.reserve();
    const stop = new AbortController();
    const dropped = reserving(limiter, stop.signal);
    const next = reserving(limiter);
    stop.abort();
    await settled();
    expect(dropped.error).toMatchObject({ code: "ABORTED" });
    expect(next.reservation).toBeUndefined();
    first.release();
    await settled();
    expect(next.reservation).toBeDefined();
    await expect(limiter.reserve(stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("admits every document in turn, for any sizes, and has nothing reserved in the end", async () => {
    const documents = fc.array(fc.record({ read: fc.nat(150), kept: fc.nat(120) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 4 }), async (all, readers) => {
        const limiter = new MemoryLimiter(LIMIT, readers);
        const order: number[] = [];
        let reading = 0;
        await Promise.all(
          all.map(async ({ read, kept }, index) => {
            const reservation = await limiter.reserve();
            order.push(index);
            reading += 1;
            expect(reading).toBeLessThanOrEqual(readers);
            reservation.grow(read);
            await settled();
            reading -= 1;
            reservation.shrinkTo(kept);
            await settled();
            reservation.release();
          }),
        );
        expect(order).toEqual([...all.keys()]);
        expect(limiter.held).toBe(0);
      }),
      { numRuns: cases(50), verbose: true },
    );
  });
});
