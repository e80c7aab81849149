import type { Vector } from "../../../internal/numbers/float32.js";
import type { OnVector } from "../../isolate.js";
import type { WeighedText } from "./packing.js";

/** A text of one call, until its vector has arrived. */
export interface PendingText {
  readonly weighed: WeighedText;
  readonly call: PendingCall;
  /** Where in the call it is. */
  readonly index: number;
}

/** A call for vectors, until all of them have arrived or it has failed. */
export class PendingCall {
  readonly vectors: Promise<Vector[]>;
  /** The texts that are not sent yet, in order. */
  readonly waiting: Set<PendingText>;
  readonly #weighed: readonly WeighedText[];
  readonly #arrived: Vector[];
  readonly #onVector: OnVector | undefined;
  #missing: number;
  #hasEnded = false;
  #resolve: (vectors: Vector[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(texts: readonly WeighedText[], onVector: OnVector | undefined) {
    this.#weighed = texts;
    this.#arrived = new Array<Vector>(texts.length);
    this.#missing = texts.length;
    this.#onVector = onVector;
    this.waiting = new Set(texts.map((weighed, index) => ({ weighed, call: this, index })));
    this.vectors = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get texts(): string[] {
    return this.#weighed.map(({ text }) => text);
  }

  /** Whether it needs no more vectors: it has them all, or it has failed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Takes one vector, and resolves with the last. A call that has ended ignores it. */
  take(index: number, vector: Vector): void {
    if (this.#hasEnded) return;
    this.#arrived[index] = vector;
    this.#onVector?.(index, vector);
    this.#missing -= 1;
    this.#hasEnded = this.#missing === 0;
    if (this.#hasEnded) this.#resolve(this.#arrived);
  }

  fail(error: unknown): void {
    this.#hasEnded = true;
    this.waiting.clear();
    this.#reject(error);
  }
}
