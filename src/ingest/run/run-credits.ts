import type { CreditBudget, CreditHold } from "./credit-budget.js";

/** What the parse jobs that a run submitted cost, as far as the service says. */
export interface ParsingCosts {
  /** Jobs that were submitted in this run. */
  jobs: number;
  /** Pages of the jobs that ended, as far as the service says. */
  pages: number;
  /** Credits that the service says they cost; what it says when a job has ended counts more than what it said before. */
  credits: number;
  /** How many jobs the service named no credits for; they are not in `credits`. */
  unknown: number;
  /** Jobs in `jobs` that were paid for again: the one before had expired, and no result of it could be read. */
  repeated: number;
  /** Submissions whose outcome is unknown, so that they may have made jobs; they are in none of the others. */
  unknown_submissions: number;
}

export const noCosts = (): ParsingCosts => ({
  jobs: 0,
  pages: 0,
  credits: 0,
  unknown: 0,
  repeated: 0,
  unknown_submissions: 0,
});

/** Counts what one run submits, within a budget that other runs may share. */
export class RunCredits implements CreditBudget {
  readonly #budget: CreditBudget;
  readonly #costs = noCosts();

  constructor(budget: CreditBudget) {
    this.#budget = budget;
  }

  get isLimited(): boolean {
    return this.#budget.isLimited;
  }

  get costs(): ParsingCosts {
    return { ...this.#costs };
  }

  /** Adds the pages that the service has parsed. */
  addPages(pages: number | null): void {
    this.#costs.pages += pages ?? 0;
  }

  /** Adds a job in place of one that had expired. */
  addRepeated(): void {
    this.#costs.repeated += 1;
  }

  async admit(
    pages: number | undefined,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<CreditHold> {
    const costs = this.#costs;
    const hold = await this.#budget.admit(pages, options);
    let became: "open" | "job" | "lost" | "nothing" = "open";
    /** What the service said last. */
    let told: number | undefined;
    return {
      sending: () => hold.sending(),
      spend: (credits) => {
        if (became === "open") {
          became = "job";
          costs.jobs += 1;
          costs.unknown += 1;
        }
        if (became === "job" && credits !== null) {
          costs.credits += credits - (told ?? 0);
          if (told === undefined) costs.unknown -= 1;
          told = credits;
        }
        hold.spend(credits);
      },
      lose: () => {
        if (became === "open") {
          became = "lost";
          costs.unknown_submissions += 1;
        }
        hold.lose();
      },
      release: () => {
        if (became === "open") became = "nothing";
        hold.release();
      },
      close: () => hold.close(),
    };
  }
}
