import { UnsiloedError } from "../../errors.js";

/** What submissions cost so far. Plain numbers, so that a database can keep them. */
export interface CreditAccount {
  /** What was spent for certain or by estimate, for the limit. */
  spent: number;
  /** Jobs whose cost is known, and what they cost together. */
  jobs: number;
  credits: number;
  /** Pages and credits of the jobs of which both are known. */
  pages: number;
  page_credits: number;
}

/** Submissions that are being sent, or parsed without their cost being known. */
export interface OpenSubmissions {
  count: number;
  /** What they cost together by estimate. */
  credits: number;
  /** Whether one is among them of which nothing told the cost beforehand. */
  has_alone: boolean;
}

export const NO_CREDITS: Readonly<CreditAccount> = {
  spent: 0,
  jobs: 0,
  credits: 0,
  pages: 0,
  page_credits: 0,
};

/** The service takes one credit for each page, unless options make pages dearer. */
const CREDITS_PER_PAGE = 1;

/** What a submission may cost, and whether no other is admitted until that is known. */
export interface Admission {
  cost: number;
  isAlone: boolean;
}

/**
 * Decides on a submission: returns what it takes, or `undefined` while the outcome of others tells whether it fits.
 *
 * @param pages `undefined` where they are not known; then the mean of the jobs is the estimate
 * @param counted says whose credits are counted, for the message
 * @throws UnsiloedError `CREDIT_LIMIT`
 */
export const admission = (
  account: CreditAccount,
  open: OpenSubmissions,
  pages: number | undefined,
  { max, counted = "" }: { max: number; counted?: string },
): Admission | undefined => {
  const estimate = estimateOf(account, pages);
  const cost = estimate ?? CREDITS_PER_PAGE;
  if (account.spent + cost > max) throw limitReached(account.spent, estimate, max, counted);
  const mustWait = open.has_alone || (estimate === undefined && open.count > 0);
  const fits = account.spent + open.credits + cost <= max;
  const isAlone = estimate === undefined && max !== Number.POSITIVE_INFINITY;
  return max === Number.POSITIVE_INFINITY || (fits && !mustWait) ? { cost, isAlone } : undefined;
};

const estimateOf = (account: CreditAccount, pages: number | undefined): number | undefined => {
  const { jobs, credits, pages: known, page_credits } = account;
  const perPage = known > 0 ? Math.max(CREDITS_PER_PAGE, page_credits / known) : CREDITS_PER_PAGE;
  if (pages !== undefined) return Math.ceil(pages * perPage);
  return jobs > 0 ? Math.ceil(credits / jobs) : undefined;
};

const limitReached = (
  spent: number,
  estimate: number | undefined,
  max: number,
  counted: string,
): UnsiloedError => {
  const cost = estimate === 1 ? "1 credit" : `${estimate} credits`;
  const about = estimate === undefined ? "an unknown number of credits" : `about ${cost}`;
  const why =
    estimate !== undefined && estimate > max
      ? `more than the limit of ${max}`
      : `and ${spent} of maxCredits ${max} are spent${counted}`;
  return new UnsiloedError("CREDIT_LIMIT", `not submitted: it would cost ${about}, ${why}`);
};
