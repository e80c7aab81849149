import { UnsiloedError } from "../../../errors.js";
import { Alarm } from "../../../internal/async/alarm.js";
import { abortError, type Clock, throwIfAborted } from "../../../internal/async/clock.js";
import type { Vector } from "../../../internal/numbers/float32.js";
import { blamesTexts } from "../../isolate.js";
import type { EmbedOptions } from "../../model.js";
import { unusableVector } from "../../texts.js";
import { isTooLarge } from "../answers/errors.js";
import { type PackingLimits, RequestLoad, type WeighedText } from "./packing.js";
import { PendingCall, type PendingText } from "./pending-call.js";
import type { RequestPacer } from "./request-pacer.js";

export interface RequestPoolOptions {
  limits: PackingLimits;
  pacer: RequestPacer;
  clock: Clock;
  /** Embeds one request; `undefined` for texts without a usable vector. Starts before its first await. */
  send: (load: RequestLoad, signal: AbortSignal) => Promise<(Vector | undefined)[]>;
}

/** A request that is packed and not sent yet. */
interface PackedRequest {
  texts: PendingText[];
  load: RequestLoad;
  /** What remains of the refused texts it was packed from. */
  rest?: PendingText[];
}

/** A request that is in flight. */
interface InFlightRequest {
  /** The calls that still wait for it. */
  calls: Set<PendingCall>;
  stop: AbortController;
}

/**
 * Packs the waiting texts of all calls into requests.
 *
 * **Start.** A request starts as soon as the pacer allows one more in flight, after one turn of the event loop, so that
 * calls made together share a request. Until then texts accumulate and the next request is fuller.
 *
 * **Order.** Calls are served in the order in which they came. A call that filled a request alone and has more texts
 * goes to the end of the queue, so a short call waits for at most one request of each call before it.
 *
 * **Refusals.** A request refused for its content is sent again in halves, divided by calls, until a request of a single
 * call is refused; that call fails. Refused requests cost nothing, and each half has fewer calls, so this ends. A request
 * with more texts than the service accepts, or above its rate limit, is sent again in smaller ones, and one that is
 * too large in halves, until a single text is refused. Any other error fails all calls in the request.
 */
export class RequestPool {
  readonly #options: RequestPoolOptions;
  readonly #alarm: Alarm;
  /** Calls with waiting texts, the next first. */
  readonly #queue = new Set<PendingCall>();
  /** Texts of refused requests, which must not be mixed with others again. */
  readonly #refused: PendingText[][] = [];
  readonly #inFlight = new Set<InFlightRequest>();
  #isScheduled = false;

  constructor(options: RequestPoolOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock);
  }

  /**
   * Returns one vector for each text, in order.
   *
   * @throws what `send` throws; UnsiloedError `ABORTED`, `EMBEDDING_FAILED`
   */
  async embed(texts: readonly WeighedText[], { signal, onVector }: EmbedOptions = {}): Promise<Vector[]> {
    throwIfAborted(signal);
    if (texts.length === 0) return [];
    const call = new PendingCall(texts, onVector);
    this.#queue.add(call);
    const onAbort = () => signal && this.#fail(call, abortError(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#schedule();
    return call.vectors.finally(() => signal?.removeEventListener("abort", onAbort));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startRequests();
    });
  }

  #startRequests(): void {
    const { pacer, clock } = this.#options;
    this.#alarm.clear();
    while (this.#inFlight.size < pacer.maxInFlight) {
      const packed = this.#packRefused() ?? this.#packWaiting();
      if (packed.texts.length === 0) return;
      const freeAt = pacer.freeAt(packed.load);
      if (freeAt > clock.now()) {
        this.#alarm.set(freeAt, () => this.#startRequests());
        return;
      }
      if (packed.rest) this.#refused[0] = packed.rest;
      else this.#dequeue(packed.texts);
      void this.#send(packed);
    }
  }

  #packWaiting(): PackedRequest {
    const packed: PackedRequest = { texts: [], load: this.#newLoad() };
    for (const { waiting } of this.#queue) {
      for (const text of waiting) {
        if (!packed.load.add(text.weighed)) return packed;
        packed.texts.push(text);
      }
    }
    return packed;
  }

  #packRefused(): PackedRequest | undefined {
    for (let refused = this.#refused[0]; refused; refused = this.#refused[0]) {
      const wanted = refused.filter(({ call }) => !call.hasEnded);
      const load = this.#newLoad();
      const end = wanted.findIndex(({ weighed }) => !load.add(weighed));
      const count = end < 0 ? wanted.length : end;
      if (count > 0) return { texts: wanted.slice(0, count), load, rest: wanted.slice(count) };
      this.#refused.shift();
    }
    return undefined;
  }

  #newLoad(): RequestLoad {
    const { limits, pacer } = this.#options;
    const { maxInputs, maxRequestTokens } = limits;
    return new RequestLoad({
      maxInputs: Math.min(maxInputs, pacer.maxInputs),
      maxRequestTokens: Math.min(maxRequestTokens, pacer.maxTokens),
    });
  }

  #dequeue(texts: readonly PendingText[]): void {
    const calls = new Set(texts.map(({ call }) => call));
    for (const text of texts) text.call.waiting.delete(text);
    for (const call of calls) if (call.waiting.size === 0) this.#queue.delete(call);
    const [only] = calls;
    if (calls.size === 1 && only && this.#queue.delete(only)) this.#queue.add(only);
  }

  async #send({ texts, load }: PackedRequest): Promise<void> {
    const request = { calls: new Set(texts.map(({ call }) => call)), stop: new AbortController() };
    this.#inFlight.add(request);
    try {
      this.#settle(texts, await this.#options.send(load, request.stop.signal));
    } catch (error) {
      this.#handleFailure(texts, load, error);
    } finally {
      this.#inFlight.delete(request);
      this.#schedule();
    }
  }

  #settle(texts: readonly PendingText[], vectors: readonly (Vector | undefined)[]): void {
    for (const [position, { call, index }] of texts.entries()) {
      const vector = vectors[position];
      if (vector) call.take(index, vector);
      else this.#fail(call, unusableVector(call.texts, index));
    }
  }

  #handleFailure(texts: readonly PendingText[], load: RequestLoad, error: unknown): void {
    const wanted = texts.filter(({ call }) => !call.hasEnded);
    const calls = [...new Set(wanted.map(({ call }) => call))];
    // The refused text may be one that no call wants any more, so the rest is sent again.
    const isUnclear = blamesTexts(error) && wanted.length < texts.length;
    if (isUnclear || (this.#exceedsLimit(error, load) && wanted.length > 1)) {
      this.#refused.unshift(wanted);
    } else if (isTooLarge(error) && wanted.length > 1) {
      const middle = Math.ceil(wanted.length / 2);
      this.#refused.unshift(wanted.slice(0, middle), wanted.slice(middle));
    } else if (blamesTexts(error) && calls.length > 1) {
      const first = new Set(calls.slice(0, Math.ceil(calls.length / 2)));
      this.#refused.unshift(
        wanted.filter(({ call }) => first.has(call)),
        wanted.filter(({ call }) => !first.has(call)),
      );
    } else {
      for (const call of calls) this.#fail(call, error);
    }
  }

  /** Whether the service refused a request for its size, and will take its texts in smaller ones. */
  #exceedsLimit(error: unknown, load: RequestLoad): boolean {
    const { pacer } = this.#options;
    if (load.texts.length > pacer.maxInputs && blamesTexts(error)) return true;
    return error instanceof UnsiloedError && error.code === "RATE_LIMITED" && pacer.exceedsLimit(load);
  }

  /** Ends a call with an error, and aborts the requests that only this call waited for. */
  #fail(call: PendingCall, error: unknown): void {
    this.#queue.delete(call);
    call.fail(error);
    for (const { calls, stop } of this.#inFlight) if (calls.delete(call) && calls.size === 0) stop.abort();
  }
}
