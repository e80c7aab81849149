import type { Vector } from "../../internal/float32.js";
import type { OnVector } from "../isolate.js";
import type { WeighedText } from "./packing.js";

/** A text that waits or is on its way, once for all the calls that want it. */
export class SharedText {
  readonly weighed: WeighedText;
  /** The calls that want it, and where in each. */
  readonly takers = new Map<PendingCall, number[]>();
  /** Called when nobody wants it any more; set while it is on its way. */
  onAbandoned: (() => void) | undefined;

  constructor(weighed: WeighedText) {
    this.weighed = weighed;
  }

  /** The call in whose turn it is sent: the first that still wants it. */
  get owner(): PendingCall | undefined {
    const [owner] = this.takers.keys();
    return owner;
  }

  get isWanted(): boolean {
    return this.takers.size > 0;
  }
}

/** One call for vectors until all its vectors are there, or it has failed. */
export class PendingCall {
  readonly vectors: Promise<Vector[]>;
  readonly texts: readonly string[];
  /** What it still waits for. */
  readonly open = new Set<SharedText>();
  /** Of these, what is to be sent in its turn, in order. */
  readonly waiting = new Set<SharedText>();
  readonly #arrived: Vector[];
  readonly #onVector: OnVector | undefined;
  #resolve: (vectors: Vector[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(texts: readonly string[], onVector: OnVector | undefined) {
    this.texts = texts;
    this.#arrived = new Array<Vector>(texts.length);
    this.#onVector = onVector;
    this.vectors = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  want(text: SharedText, place: number): void {
    this.open.add(text);
    const places = text.takers.get(this);
    if (places) places.push(place);
    else text.takers.set(this, [place]);
  }

  take(text: SharedText, vector: Vector): void {
    for (const place of text.takers.get(this) ?? []) {
      this.#arrived[place] = vector;
      this.#onVector?.(place, vector);
    }
    this.open.delete(text);
    if (this.open.size === 0) this.#resolve(this.#arrived);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
