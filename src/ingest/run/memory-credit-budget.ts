import { throwIfAborted } from "../../internal/async/clock.js";
import { type Admission, admission, type CreditAccount, NO_CREDITS } from "./credit-account.js";
import type { CreditBudget, CreditHold } from "./credit-budget.js";

/** Keeps what one process submits within a limit, if there is one. */
export class MemoryCreditBudget implements CreditBudget {
  readonly #max: number;
  readonly #account: CreditAccount = { ...NO_CREDITS };
  readonly #open = new Map<CreditHold, Admission>();
  #waiting: (() => void)[] = [];

  /** @param max credits; no limit by default */
  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max;
  }

  get isLimited(): boolean {
    return this.#max !== Number.POSITIVE_INFINITY;
  }

  async admit(
    pages: number | undefined,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<CreditHold> {
    for (;;) {
      throwIfAborted(signal);
      const open = [...this.#open.values()];
      const credits = open.reduce((sum, { cost }) => sum + cost, 0);
      const submissions = { count: open.length, credits, has_alone: open.some(({ isAlone }) => isAlone) };
      const admitted = admission(this.#account, submissions, pages, { max: this.#max });
      if (admitted) return this.#hold(admitted, pages);
      await this.#change(signal);
    }
  }

  #hold(admitted: Admission, pages: number | undefined): CreditHold {
    const account = this.#account;
    const { cost } = admitted;
    let isJob = false;
    /** What the service said last. */
    let told: number | undefined;
    const end = (spent: number): boolean => {
      if (!this.#open.delete(hold)) return false;
      account.spent += spent;
      return true;
    };
    const correct = (credits: number): void => {
      account.spent += credits - (told ?? cost);
      account.credits += credits - (told ?? 0);
      account.jobs += told === undefined ? 1 : 0;
      if (pages !== undefined) {
        account.pages += told === undefined ? pages : 0;
        account.page_credits += credits - (told ?? 0);
      }
      told = credits;
    };
    const hold: CreditHold = {
      sending: () => Promise.resolve(),
      spend: (credits) => {
        isJob = end(cost) || isJob;
        if (isJob && credits !== null) correct(credits);
        this.#wake();
      },
      lose: () => {
        end(cost);
        this.#wake();
      },
      release: () => {
        end(0);
        this.#wake();
      },
      close: () => undefined,
    };
    this.#open.set(hold, admitted);
    return hold;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      this.#waiting.push(wake);
    });
  }
}
