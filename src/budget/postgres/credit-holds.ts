import type { Admission, CreditAccount, OpenSubmissions } from "../../ingest/run/credit-account.js";
import type { Query } from "../../internal/postgres/database.js";
import { milliseconds, timeOf } from "../../internal/postgres/time.js";
import { CREDIT_BUDGETS, CREDIT_HOLDS } from "./tables.js";

/** When a part of a budget comes back. `now` is `null` for the clock of the database. */
export interface HoldLease {
  now: number | null;
  leaseMs: number;
}

/** What jobs add to an account, of the parts `source`: those whose cost is not told count by their estimate. */
const sums = (source: string): string => `
  select
    coalesce(sum(coalesce(told, cost)), 0)::float8 as spent,
    count(told)::float8 as jobs,
    coalesce(sum(told), 0)::float8 as credits,
    coalesce(sum(pages) filter (where told is not null), 0)::float8 as pages,
    coalesce(sum(told) filter (where pages is not null), 0)::float8 as page_credits
  from ${source}`;

/**
 * Locks a budget for the transaction, creates it when there is none, and adds to it the parts that nobody renews. Those
 * that were not sent by then come back.
 *
 * What else is read must be read by later statements: this one sees other tables as they were before it waited.
 */
export const lockCredits = async (
  query: Query,
  keyId: string,
  now: number | null,
): Promise<CreditAccount & { since: Date }> => {
  await query(
    `insert into ${CREDIT_BUDGETS} (key_id, since) values ($1, ${timeOf("$2")}) on conflict do nothing`,
    [keyId, now],
  );
  await query(`select from ${CREDIT_BUDGETS} where key_id = $1 for update`, [keyId]);
  const [account] = await query<CreditAccount & { since: Date }>(
    `with gone as (
       delete from ${CREDIT_HOLDS} where key_id = $1 and expires_at <= ${timeOf("$2")} returning *
     ), added as (${sums("gone where sent")})
     update ${CREDIT_BUDGETS} as budget set
       spent = budget.spent + added.spent, jobs = budget.jobs + added.jobs,
       credits = budget.credits + added.credits, pages = budget.pages + added.pages,
       page_credits = budget.page_credits + added.page_credits
     from added where key_id = $1
     returning budget.spent, budget.jobs, budget.credits, budget.pages, budget.page_credits, budget.since`,
    [keyId, now],
  );
  if (!account) throw new RangeError("a budget without a row");
  return account;
};

/** Reads the parts that are taken: of submissions whose cost is still to be told, and what the others add to the account. */
export const readHolds = async (
  query: Query,
  keyId: string,
): Promise<{ open: OpenSubmissions; ended: CreditAccount }> => {
  const [open] = await query<OpenSubmissions>(
    `select count(*)::int as count, coalesce(sum(cost), 0)::float8 as credits,
       coalesce(bool_or(alone), false) as has_alone
     from ${CREDIT_HOLDS} where key_id = $1 and not ended`,
    [keyId],
  );
  const [ended] = await query<CreditAccount>(sums(`${CREDIT_HOLDS} where key_id = $1 and ended`), [keyId]);
  if (!open || !ended) throw new RangeError("sums without a row");
  return { open, ended };
};

/** A part of a budget that a submission takes. */
export interface NewHold extends Admission {
  id: string;
  keyId: string;
  pages: number | undefined;
}

export const addHold = (
  query: Query,
  { id, keyId, pages, cost, isAlone }: NewHold,
  { now, leaseMs }: HoldLease,
): Promise<object[]> =>
  query(
    `insert into ${CREDIT_HOLDS} (id, key_id, cost, pages, alone, expires_at)
     values ($1, $2, $3, $4, $5, ${timeOf("$6")} + ${milliseconds("$7")})`,
    [id, keyId, cost, pages ?? null, isAlone, now, leaseMs],
  );

/** Notes that a submission is being sent. @returns whether its part is still there */
export const markSent = async (query: Query, id: string): Promise<boolean> => {
  const marked = await query(`update ${CREDIT_HOLDS} set sent = true where id = $1 returning 1`, [id]);
  return marked.length > 0;
};

/** Notes what a submission cost; `null` where that is not told. */
export const endHold = (query: Query, id: string, credits: number | null): Promise<object[]> =>
  query(`update ${CREDIT_HOLDS} set sent = true, ended = true, told = coalesce($2, told) where id = $1`, [
    id,
    credits,
  ]);

export const removeHold = (query: Query, id: string): Promise<object[]> =>
  query(`delete from ${CREDIT_HOLDS} where id = $1`, [id]);

/** Renews parts, or has them expire at once, so that they are added to their budget. */
export const renewHolds = (
  query: Query,
  ids: readonly string[],
  { now, leaseMs }: HoldLease,
): Promise<object[]> =>
  query(
    `update ${CREDIT_HOLDS} set expires_at = ${timeOf("$2")} + ${milliseconds("$3")} where id = any($1::uuid[])`,
    [[...ids].sort(), now, leaseMs],
  );

/** What the workers of a queue spent, as `status` shows it. */
export interface SpentCredits {
  /** Credits that were spent for certain or by estimate. */
  spent: number;
  /** Estimate of what is being sent or parsed. */
  reserved: number;
  /** From when on they are counted. */
  since: Date;
}

/** Reads a budget without changing it; `undefined` where nothing was ever counted. */
export const readCredits = async (query: Query, keyId: string): Promise<SpentCredits | undefined> => {
  const [found] = await query<SpentCredits>(
    `select
       budget.spent + coalesce(sum(coalesce(told, cost)) filter (where ended or (sent and is_gone)), 0)::float8
         as spent,
       coalesce(sum(cost) filter (where not ended and not is_gone), 0)::float8 as reserved,
       budget.since
     from ${CREDIT_BUDGETS} as budget
     left join (select *, expires_at <= clock_timestamp() as is_gone from ${CREDIT_HOLDS}) as hold
       using (key_id)
     where key_id = $1 group by budget.key_id, budget.spent, budget.since`,
    [keyId],
  );
  return found;
};

/** Counts from zero again, in a transaction of the caller. What is on its way is counted, too. */
export const restartCredits = async (query: Query, keyId: string): Promise<void> => {
  const restarted = await query(
    `update ${CREDIT_BUDGETS} set spent = 0, since = clock_timestamp() where key_id = $1 returning 1`,
    [keyId],
  );
  if (restarted.length > 0)
    await query(
      `delete from ${CREDIT_HOLDS} where key_id = $1 and (ended or expires_at <= clock_timestamp())`,
      [keyId],
    );
};
