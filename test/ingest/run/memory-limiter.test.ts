import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Room, type Stay } from "../../../src/ingest/run/memory-limiter.js";

const LIMIT = 100;

/** Lets everything that can go on go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Enters, and tells whether it has got in. */
const entering = (room: Room, signal?: AbortSignal) => {
  const entry: { stay?: Stay; error?: unknown } = {};
  room.enter(signal).then(
    (stay) => {
      entry.stay = stay;
    },
    (error: unknown) => {
      entry.error = error;
    },
  );
  return entry;
};

describe("Room", () => {
  it("lets so many read at once, and the next as soon as one has read", async () => {
    const room = new Room(LIMIT, 2);
    const [first, second, third] = [entering(room), entering(room), entering(room)];
    await settled();
    expect([first, second, third].map(({ stay }) => stay !== undefined)).toEqual([true, true, false]);
    first?.stay?.settle(10);
    await settled();
    expect(third?.stay).toBeDefined();
    expect(room.held).toBe(10);
  });

  it("lets nobody in while too much is held, until enough has left", async () => {
    const room = new Room(LIMIT, 2);
    const first = await room.enter();
    const second = await room.enter();
    first.hold(70);
    second.hold(50);
    first.settle(60);
    second.settle(45);
    const waiting = entering(room);
    await settled();
    expect([room.held, waiting.stay]).toEqual([105, undefined]);
    second.leave();
    await settled();
    expect(waiting.stay).toBeDefined();
    expect(room.held).toBe(60);
  });

  it("lets one in alone that is larger than the room", async () => {
    const room = new Room(LIMIT, 2);
    const large = await room.enter();
    large.hold(10 * LIMIT);
    const waiting = entering(room);
    await settled();
    expect(waiting.stay).toBeUndefined();
    large.settle(5 * LIMIT);
    await settled();
    expect(waiting.stay).toBeUndefined();
    large.leave();
    large.leave();
    await settled();
    expect(waiting.stay).toBeDefined();
    expect(room.held).toBe(0);
  });

  it("drops who no longer waits, and lets in who came after", async () => {
    const room = new Room(LIMIT, 1);
    const first = await room.enter();
    const stop = new AbortController();
    const dropped = entering(room, stop.signal);
    const next = entering(room);
    stop.abort();
    await settled();
    expect(dropped.error).toMatchObject({ code: "ABORTED" });
    expect(next.stay).toBeUndefined();
    first.leave();
    await settled();
    expect(next.stay).toBeDefined();
    await expect(room.enter(stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("lets everybody in, in turn, whatever they hold, and is empty in the end", async () => {
    const visits = fc.array(fc.record({ read: fc.nat(150), kept: fc.nat(120) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(visits, fc.integer({ min: 1, max: 4 }), async (all, readers) => {
        const room = new Room(LIMIT, readers);
        const order: number[] = [];
        let reading = 0;
        await Promise.all(
          all.map(async ({ read, kept }, index) => {
            const stay = await room.enter();
            order.push(index);
            reading += 1;
            expect(reading).toBeLessThanOrEqual(readers);
            stay.hold(read);
            await settled();
            reading -= 1;
            stay.settle(kept);
            await settled();
            stay.leave();
          }),
        );
        expect(order).toEqual([...all.keys()]);
        expect(room.held).toBe(0);
      }),
      { numRuns: 50, verbose: true },
    );
  });
});
