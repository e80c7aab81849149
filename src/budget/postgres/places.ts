import type { Query } from "../../internal/postgres/database.js";
import { milliseconds, timeOf } from "../../internal/postgres/time.js";
import type { Rate } from "../../parse-api/limits/rate.js";
import { BUDGETS, CALLS } from "./tables.js";

/** The places of a key that are taken, by the clock of the database. */
export interface Places {
  /** The time, in milliseconds since the epoch. */
  now: number;
  used: number;
  /** Those whose call was not refused. */
  accepted: number;
  /** Those of this process. */
  own: number;
  /** Processes with a place. */
  workers: number;
  /** When the places of answered calls become free, in order; none while there are fewer than the limit. */
  freeTimes: number[];
}

/** A call that asks for a place, or has one. */
export interface Call {
  id: string;
  keyId: string;
  worker: string;
}

/**
 * Locks the budget of a key for the transaction, and creates it when there is none.
 *
 * What else is read must be read by later statements: this one sees other tables as they were before it waited.
 */
export const lockRate = async (query: Query, keyId: string, initial: Rate): Promise<Rate> => {
  const lock = () =>
    query<{ rate: Rate }>(`select rate from ${BUDGETS} where key_id = $1 for update`, [keyId]);
  const [found] = await lock();
  if (found) return found.rate;
  await query(`insert into ${BUDGETS} (key_id, rate) values ($1, $2) on conflict do nothing`, [
    keyId,
    JSON.stringify(initial),
  ]);
  const [created] = await lock();
  return created?.rate ?? initial;
};

export const saveRate = (query: Query, keyId: string, rate: Rate): Promise<object[]> =>
  query(`update ${BUDGETS} set rate = $2, updated_at = now() where key_id = $1`, [
    keyId,
    JSON.stringify(rate),
  ]);

/**
 * Reads which places are taken.
 *
 * @param call may have its place already, when the answer to that was lost
 * @param limit from how many taken places on it matters when they become free
 */
export const readPlaces = async (
  query: Query,
  { keyId, worker, id }: Call,
  now: number | null,
  limit: number,
): Promise<Places & { isGranted: boolean }> => {
  const [row] = await query<Places & { isGranted: boolean }>(
    `with moment as materialized (select ${timeOf("$4")} as now),
     taken as (
       select id, worker, answered, refused, extract(epoch from free_at)::float8 * 1000 as free_ms
       from ${CALLS}, moment where key_id = $1 and free_at > now
     )
     select
       (select extract(epoch from now)::float8 * 1000 from moment) as now,
       count(*)::int as used,
       (count(*) filter (where not refused))::int as accepted,
       (count(*) filter (where worker = $2))::int as own,
       count(distinct worker)::int as workers,
       case when count(*) < $5::float8 then '{}'
         else array(select free_ms from taken where answered order by free_ms) end as "freeTimes",
       coalesce(bool_or(id = $3), false) as "isGranted"
     from taken`,
    [keyId, worker, id, now, limit],
  );
  return row ?? { now: 0, used: 0, accepted: 0, own: 0, workers: 0, freeTimes: [], isGranted: false };
};

/** Takes a place for so long, and forgets those that are free again. */
export const addCall = (query: Query, call: Call, longestMs: number, now: number | null): Promise<object[]> =>
  query(
    `with gone as (delete from ${CALLS} where key_id = $2 and free_at <= ${timeOf("$5")})
     insert into ${CALLS} (id, key_id, worker, free_at)
     values ($1, $2, $3, ${timeOf("$5")} + ${milliseconds("$4")})`,
    [call.id, call.keyId, call.worker, longestMs, now],
  );

/**
 * Notes that a call was answered, so that its place is free one window from now, and gives back the place of a call
 * that took longer than any should.
 */
export const settleCall = (
  query: Query,
  call: Call,
  { windowMs, refused, now }: { windowMs: number; refused: boolean; now: number | null },
): Promise<object[]> =>
  query(
    `insert into ${CALLS} as calls (id, key_id, worker, answered, refused, free_at)
     values ($1, $2, $3, true, $5, ${timeOf("$6")} + ${milliseconds("$4")})
     on conflict (id) do update set
       answered = true,
       refused = calls.refused or excluded.refused,
       free_at = case when calls.answered then calls.free_at else excluded.free_at end`,
    [call.id, call.keyId, call.worker, windowMs, refused, now],
  );

export const removeCall = (query: Query, { id }: Call): Promise<object[]> =>
  query(`delete from ${CALLS} where id = $1`, [id]);
