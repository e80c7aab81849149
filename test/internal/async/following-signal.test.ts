import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { FollowingSignal } from "../../../src/internal/async/following-signal.js";

describe("a following signal", () => {
  it("aborts with the reason of the first signal that does", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const following = new FollowingSignal(one.signal, undefined);
    following.follow(other.signal);
    other.abort("other");
    one.abort("one");
    expect(following.signal.reason).toBe("other");
  });

  it("is aborted at once when what it follows is", () => {
    expect(new FollowingSignal(AbortSignal.abort("early")).signal.reason).toBe("early");
  });

  it("is one of any number that share one listener, of which Node would count more than ten as a leak", () => {
    const run = new AbortController();
    const followers = Array.from({ length: 50 }, () => new FollowingSignal(run.signal));
    expect(getEventListeners(run.signal, "abort")).toHaveLength(1);
    const [released, ...others] = followers;
    released?.release();
    run.abort("the end");
    expect(released?.signal.aborted).toBe(false);
    for (const { signal } of others) expect(signal.reason).toBe("the end");
  });

  it("leaves nothing behind at signals that outlive it", () => {
    const run = new AbortController();
    const following = new FollowingSignal(run.signal);
    expect(getEventListeners(run.signal, "abort")).toHaveLength(1);
    following.release();
    expect(getEventListeners(run.signal, "abort")).toHaveLength(0);
    run.abort();
    expect(following.signal.aborted).toBe(false);
  });
});
