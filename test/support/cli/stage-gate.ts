/** What a worker waits for an answer to. */
export type Stage = "submit" | "wait" | "embed" | "store";

/** A promise that is resolved from outside. */
class Door {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** Holds the first answer of one stage, so that a test can do something to the process that waits for it. */
export class StageGate {
  readonly #stage: Stage | undefined;
  readonly #reached = new Door();
  readonly #released = new Door();
  #isReached = false;

  /** @param stage whose first answer is held. @default none */
  constructor(stage?: Stage) {
    this.#stage = stage;
  }

  /** Resolves when the answer is held. */
  get reached(): Promise<void> {
    return this.#reached.opened;
  }

  /** Lets the answer go. */
  release(): void {
    this.#released.open();
  }

  /** Resolves when an answer of that stage may go. */
  async pass(stage: Stage): Promise<void> {
    if (stage !== this.#stage || this.#isReached) return;
    this.#isReached = true;
    this.#reached.open();
    await this.#released.opened;
  }
}
