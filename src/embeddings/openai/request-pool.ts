import { UnsiloedError } from "../../errors.js";
import { Alarm } from "../../internal/async/alarm.js";
import { abortError, type Clock, throwIfAborted } from "../../internal/async/clock.js";
import type { Vector } from "../../internal/float32.js";
import { blamesTexts } from "../isolate.js";
import type { EmbedOptions } from "../model.js";
import { notFinite } from "../texts.js";
import { type PackingLimits, RequestLoad, type WeighedText } from "./packing.js";
import { PendingCall, SharedText } from "./pending-call.js";
import type { Pace } from "./request-pacer.js";

export interface RequestPoolOptions {
  limits: PackingLimits;
  pace: Pace;
  clock: Clock;
  /** Embeds one request; `undefined` for texts without a usable vector. Begins before it first waits. */
  send: (load: RequestLoad, signal: AbortSignal) => Promise<(Vector | undefined)[]>;
}

interface Packed {
  texts: SharedText[];
  load: RequestLoad;
  /** What is left of the part of a refused request that this was packed from. */
  rest?: SharedText[];
}

/**
 * Fills requests with the texts of all calls that wait.
 *
 * **Departure.** A request leaves as soon as there is room for one in flight, after one turn of the event loop, in
 * which calls made together come together. While there is no room, texts gather and the next request is fuller.
 *
 * **Turns.** Calls are served in the order they came. One that had a request to itself and has more goes to the end of
 * the line, so a call with few texts waits for at most one request of each call before it, however large.
 *
 * **Equal texts** that wait or are on their way are sent once; a call that gives up leaves them to the others.
 *
 * **Refusals.** A request refused for its content is sent again in halves, by calls, until that of a single call is
 * refused, which fails. The refused ones were not paid for, and each step leaves fewer calls, so it comes to an end.
 * One that turns out to be larger than the service lets through at any time is sent again in parts that are not. Any
 * other failure is that of all calls in the request.
 */
export class RequestPool {
  readonly #options: RequestPoolOptions;
  readonly #alarm: Alarm;
  /** Texts that wait or are on their way. */
  readonly #known = new Map<string, SharedText>();
  /** Calls with waiting texts, the next first. */
  readonly #line = new Set<PendingCall>();
  /** Parts of refused requests, which must not mix with others again. */
  readonly #parts: SharedText[][] = [];
  #flying = 0;
  #willPump = false;

  constructor(options: RequestPoolOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock);
  }

  /** One vector for each text, in order; equal texts have one in common. @throws what `send` throws; UnsiloedError `ABORTED`, `EMBEDDING_FAILED` */
  async embed(texts: readonly WeighedText[], { signal, onVector }: EmbedOptions = {}): Promise<Vector[]> {
    throwIfAborted(signal);
    if (texts.length === 0) return [];
    const call = new PendingCall(
      texts.map(({ text }) => text),
      onVector,
    );
    for (const [place, weighed] of texts.entries()) call.want(this.#share(weighed, call), place);
    if (call.waiting.size > 0) this.#line.add(call);
    const onAbort = () => signal && this.#leave(call, abortError(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#pumpSoon();
    return call.vectors.finally(() => signal?.removeEventListener("abort", onAbort));
  }

  #share(weighed: WeighedText, call: PendingCall): SharedText {
    const known = this.#known.get(weighed.text);
    if (known) return known;
    const shared = new SharedText(weighed);
    this.#known.set(weighed.text, shared);
    call.waiting.add(shared);
    return shared;
  }

  #pumpSoon(): void {
    if (this.#willPump) return;
    this.#willPump = true;
    setImmediate(() => {
      this.#willPump = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { pace, clock } = this.#options;
    this.#alarm.clear();
    while (this.#flying < pace.inFlight) {
      const packed = this.#packPart() ?? this.#packLine();
      if (packed.texts.length === 0) return;
      const freeAt = pace.freeAt(packed.load);
      if (freeAt > clock.now()) {
        this.#alarm.set(freeAt, () => this.#pump());
        return;
      }
      this.#depart(packed);
      void this.#fly(packed);
    }
  }

  #packLine(): Packed {
    const packed: Packed = { texts: [], load: this.#newLoad() };
    for (const { waiting } of this.#line) {
      for (const text of waiting) {
        if (!packed.load.add(text.weighed)) return packed;
        packed.texts.push(text);
      }
    }
    return packed;
  }

  #packPart(): Packed | undefined {
    for (let part = this.#parts[0]; part; part = this.#parts[0]) {
      const wanted = part.filter(({ isWanted }) => isWanted);
      const load = this.#newLoad();
      const end = wanted.findIndex(({ weighed }) => !load.add(weighed));
      const count = end < 0 ? wanted.length : end;
      if (count > 0) return { texts: wanted.slice(0, count), load, rest: wanted.slice(count) };
      this.#parts.shift();
    }
    return undefined;
  }

  #newLoad(): RequestLoad {
    const { limits, pace } = this.#options;
    const { maxInputs, maxRequestTokens } = limits;
    return new RequestLoad({
      maxInputs,
      maxRequestTokens: Math.min(maxRequestTokens, pace.mostTokens),
    });
  }

  /** Takes what was packed out of where it waited. */
  #depart({ texts, rest }: Packed): void {
    if (rest) {
      this.#parts[0] = rest;
      return;
    }
    const callers = new Set<PendingCall>();
    for (const text of texts) {
      const { owner } = text;
      if (!owner?.waiting.delete(text)) continue;
      callers.add(owner);
      if (owner.waiting.size === 0) this.#line.delete(owner);
    }
    const [alone] = callers;
    if (callers.size === 1 && alone && this.#line.delete(alone)) this.#line.add(alone);
  }

  async #fly({ texts, load }: Packed): Promise<void> {
    const stop = new AbortController();
    let wanted = texts.length;
    const onAbandoned = () => {
      if (--wanted === 0) stop.abort();
    };
    for (const text of texts) text.onAbandoned = onAbandoned;
    this.#flying += 1;
    try {
      this.#land(texts, await this.#options.send(load, stop.signal));
    } catch (error) {
      this.#fail({ texts, load }, error);
    } finally {
      this.#flying -= 1;
      this.#pumpSoon();
    }
  }

  #land(texts: readonly SharedText[], vectors: readonly (Vector | undefined)[]): void {
    for (const text of texts) text.onAbandoned = undefined;
    for (const [index, text] of texts.entries()) {
      if (!text.isWanted) continue;
      this.#known.delete(text.weighed.text);
      const vector = vectors[index];
      for (const [call, places] of text.takers) {
        if (vector) call.take(text, vector);
        else this.#leave(call, notFinite(call.texts, places[0] ?? 0));
      }
    }
  }

  #fail(packed: Packed, error: unknown): void {
    for (const text of packed.texts) text.onAbandoned = undefined;
    const texts = packed.texts.filter(({ isWanted }) => isWanted);
    // What nobody wants any more may be what was refused: the rest, which is less, gets another chance.
    const isUnclear = blamesTexts(error) && texts.length < packed.texts.length;
    if (isUnclear || (this.#isTooLarge(error, packed) && texts.length > 1)) {
      this.#parts.unshift(texts);
      return;
    }
    if (!blamesTexts(error)) {
      for (const call of new Set(texts.flatMap(({ takers }) => [...takers.keys()]))) this.#leave(call, error);
      return;
    }
    const owners = [...new Set(texts.flatMap(({ owner }) => owner ?? []))];
    if (owners.length > 1) {
      const first = new Set(owners.slice(0, Math.ceil(owners.length / 2)));
      const isFirst = ({ owner }: SharedText) => owner !== undefined && first.has(owner);
      this.#parts.unshift(
        texts.filter(isFirst),
        texts.filter((text) => !isFirst(text)),
      );
      return;
    }
    for (const owner of owners) this.#leave(owner, error);
    for (const text of texts) this.#queue(text);
  }

  #isTooLarge(error: unknown, { load }: Packed): boolean {
    const isTooFast = error instanceof UnsiloedError && error.code === "RATE_LIMITED";
    return isTooFast && this.#options.pace.isTooMuch(load);
  }

  /** A text whose owner is gone is sent in the turn of the next call that wants it. */
  #queue(text: SharedText): void {
    const { owner } = text;
    if (!owner) return;
    owner.waiting.add(text);
    this.#line.add(owner);
    this.#pumpSoon();
  }

  /** The call ends with an error, and what only it wanted is called off. */
  #leave(call: PendingCall, error: unknown): void {
    this.#line.delete(call);
    for (const text of call.open) {
      const waited = call.waiting.has(text);
      text.takers.delete(call);
      if (waited) this.#queue(text);
      if (text.isWanted) continue;
      this.#known.delete(text.weighed.text);
      text.onAbandoned?.();
    }
    call.open.clear();
    call.waiting.clear();
    call.fail(error);
  }
}
