/** A share of the room, from when it is taken until it is left. */
export interface Seat {
  /** Gives back all but this much of it. */
  shrink(share: number): void;
  /** Gives it back; again is of no effect. */
  leave(): void;
}

interface Waiting {
  share: number;
  enter: (seat: Seat) => void;
}

/**
 * Room for so many pieces of work, of which small ones take less than a seat. Whoever finds too little room waits, in
 * the order they came, so that large ones are not overtaken for ever. Shares should be binary fractions, which add up
 * exactly.
 */
export class Seats {
  readonly #line: Waiting[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** @param share of one seat, at most 1 */
  take(share = 1): Promise<Seat> {
    return new Promise((enter) => {
      this.#line.push({ share, enter });
      this.#admit();
    });
  }

  async run<T>(share: number, work: () => Promise<T>): Promise<T> {
    const seat = await this.take(share);
    try {
      return await work();
    } finally {
      seat.leave();
    }
  }

  #admit(): void {
    for (let next = this.#line[0]; next && next.share <= this.#free; next = this.#line[0]) {
      this.#line.shift();
      this.#free -= next.share;
      next.enter(this.#seat(next.share));
    }
  }

  #seat(taken: number): Seat {
    let held = taken;
    const shrink = (share: number) => {
      this.#free += Math.max(0, held - share);
      held = Math.min(held, share);
      this.#admit();
    };
    return { shrink, leave: () => shrink(0) };
  }
}
