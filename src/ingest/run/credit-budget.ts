import { UnsiloedError } from "../../errors.js";
import { abortError } from "../../internal/async/clock.js";

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

/** The part of a budget that one submission takes. The first call ends it; a later `spend` corrects the cost. */
export interface CreditHold {
  /** Notes what the job cost; `null` where the service does not say, so that the estimate or what it said counts. */
  spend(credits: number | null): void;
  /** Notes that nobody knows whether there is a job, so that the estimate counts. */
  lose(): void;
  /** Gives the part back, since nothing was submitted. */
  release(): void;
}

/**
 * Decides what may be submitted. The budget of one run is {@link RunCreditBudget}; one that several workers share would
 * keep the same promises.
 */
export interface CreditBudget {
  /**
   * Takes what a submission is going to cost; waits while only the outcome of others can tell whether it fits.
   *
   * @param pages pages to be parsed; `undefined` where they are not known
   * @throws UnsiloedError `CREDIT_LIMIT` where it would pass the limit
   */
  admit(pages: number | undefined, options: { signal?: AbortSignal | undefined }): Promise<CreditHold>;
}

/** The service takes one credit for each page, unless options make pages dearer. */
const CREDITS_PER_PAGE = 1;

const counted = (credits: number): string => `${credits} credit${credits === 1 ? "" : "s"}`;

/** Counts the credits of one run, and keeps them within a limit if there is one. */
export class RunCreditBudget implements CreditBudget {
  readonly #max: number;
  readonly #costs: ParsingCosts = {
    jobs: 0,
    pages: 0,
    credits: 0,
    unknown: 0,
    repeated: 0,
    unknown_submissions: 0,
  };
  /** What was spent for certain or by estimate, for the limit. */
  #spent = 0;
  /** Estimates of what is being submitted, or parsed without its cost being known. */
  readonly #open = new Map<CreditHold, number>();
  /** Pages and credits of the jobs of which both are known. */
  readonly #known = { pages: 0, credits: 0 };
  /** The submission of which nothing tells the cost beforehand. No other is admitted until it is known. */
  #alone: CreditHold | undefined;
  #waiting: (() => void)[] = [];

  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max;
  }

  get isLimited(): boolean {
    return this.#max !== Number.POSITIVE_INFINITY;
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
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<CreditHold> {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      const estimate = this.#estimate(pages);
      const cost = estimate ?? CREDITS_PER_PAGE;
      if (this.#spent + cost > this.#max) throw this.#limitReached(estimate);
      const mustWait = this.#alone !== undefined || (estimate === undefined && this.#open.size > 0);
      const reserved = [...this.#open.values()].reduce((sum, one) => sum + one, 0);
      const fits = this.#spent + reserved + cost <= this.#max;
      // What others cost, once it is known, tells what this one may cost and whether it fits.
      if (!this.isLimited || (fits && !mustWait)) return this.#hold(cost, pages, estimate === undefined);
      await this.#change(signal);
    }
  }

  #estimate(pages: number | undefined): number | undefined {
    const { jobs, credits, unknown } = this.#costs;
    const { pages: knownPages, credits: knownCredits } = this.#known;
    const perPage = knownPages > 0 ? Math.max(CREDITS_PER_PAGE, knownCredits / knownPages) : CREDITS_PER_PAGE;
    if (pages !== undefined) return Math.ceil(pages * perPage);
    return jobs > unknown ? Math.ceil(credits / (jobs - unknown)) : undefined;
  }

  #hold(cost: number, pages: number | undefined, isAlone: boolean): CreditHold {
    let isJob = false;
    /** What the service said last. */
    let told: number | undefined;
    const end = (spent: number): boolean => {
      if (!this.#open.delete(hold)) return false;
      this.#spent += spent;
      if (this.#alone === hold) this.#alone = undefined;
      return true;
    };
    const correct = (credits: number): void => {
      this.#spent += credits - (told ?? cost);
      this.#costs.credits += credits - (told ?? 0);
      if (told === undefined) this.#costs.unknown -= 1;
      if (pages !== undefined) {
        this.#known.pages += told === undefined ? pages : 0;
        this.#known.credits += credits - (told ?? 0);
      }
      told = credits;
    };
    const hold: CreditHold = {
      spend: (credits) => {
        if (end(cost)) {
          isJob = true;
          this.#costs.jobs += 1;
          this.#costs.unknown += 1;
        }
        if (isJob && credits !== null) correct(credits);
        this.#wake();
      },
      lose: () => {
        if (end(cost)) this.#costs.unknown_submissions += 1;
        this.#wake();
      },
      release: () => {
        end(0);
        this.#wake();
      },
    };
    this.#open.set(hold, cost);
    if (isAlone && this.isLimited) this.#alone = hold;
    return hold;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #limitReached(estimate: number | undefined): UnsiloedError {
    const about = estimate === undefined ? "an unknown number of credits" : `about ${counted(estimate)}`;
    const why =
      estimate !== undefined && estimate > this.#max
        ? `more than the limit of ${this.#max}`
        : `and ${this.#spent} of maxCredits ${this.#max} are spent`;
    return new UnsiloedError("CREDIT_LIMIT", `not submitted: it would cost ${about}, ${why}`);
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
