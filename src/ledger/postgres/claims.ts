import type { Query } from "../../internal/postgres/database.js";
import { keyOf } from "../../internal/postgres/keys.js";
import { milliseconds, timeOf } from "../../internal/postgres/time.js";
import type { Claim, ClaimOwner } from "../ledger.js";
import { CLAIMS } from "./tables.js";

/** What a statement has to know about the time. */
export interface LeaseTime {
  /** Milliseconds since the epoch; `null` for the clock of the database, which all machines share. */
  now: number | null;
  /** Milliseconds. */
  leaseMs: number;
}

/** A claim as the database knows it. */
interface ClaimRow {
  owner_id: string;
  pid: number;
  machine: string;
  remaining_ms: number;
}

const remainingAt = (now: string): string =>
  `round(extract(epoch from claims.expires_at - ${now}) * 1000)::float8 as remaining_ms`;

/** Returns the claim by the clock of this process, which may differ from that of the database. */
const claimOf = (docId: string, row: ClaimRow, localNow: number): Claim => ({
  docId,
  owner: { id: row.owner_id, pid: row.pid, machine: row.machine },
  expiresAt: localNow + row.remaining_ms,
});

const CLAIM_COLUMNS = ["owner_id", "pid", "machine", "expires_at"];

// "offset 0" makes PostgreSQL look at the clock once, not for each column.
const TAKE = `
  insert into ${CLAIMS} as claims (id, owner_id, pid, machine, expires_at)
  values ($1, $2, $3, $4, ${timeOf("$5")} + ${milliseconds("$6")})
  on conflict (id) do update
  set (owner_id, pid, machine, expires_at) = (
    select ${CLAIM_COLUMNS.map((name) => `case when is_free then excluded.${name} else claims.${name} end`).join(", ")}
    from (
      select claims.owner_id in (excluded.owner_id, $7) or claims.expires_at <= ${timeOf("$5")} as is_free offset 0
    ) as existing
  )
  returning claims.owner_id, claims.pid, claims.machine, ${remainingAt(timeOf("$5"))}`;

/**
 * Takes a claim that is free, or the owner's own.
 *
 * One statement writes and returns the claim in force, also if that is another's: one that only read it would see the
 * table as it was before it waited for the other's transaction.
 *
 * @param endedOwner an owner whose claim may be taken over before it expires
 */
export const takeClaim = async (
  query: Query,
  docId: string,
  owner: ClaimOwner,
  { now, leaseMs, localNow, endedOwner }: LeaseTime & { localNow: number; endedOwner: string },
): Promise<Claim> => {
  const values = [keyOf(docId), owner.id, owner.pid, owner.machine, now, leaseMs, endedOwner];
  const [row] = await query<ClaimRow>(TAKE, values);
  if (!row) throw new RangeError("a claim without a row");
  return claimOf(docId, row, localNow);
};

/** A claim and who asks to renew it. */
export interface Renewal {
  docId: string;
  owner: ClaimOwner;
}

const RENEW = `
  update ${CLAIMS} as claims set expires_at = ${timeOf("$3")} + ${milliseconds("$4")}
  from (select distinct id, owner_id from unnest($1::text[], $2::text[]) as given (id, owner_id)) as asked
  where claims.id = asked.id and claims.owner_id = asked.owner_id
  returning claims.id, claims.owner_id`;

/** Renews claims in one statement. @returns for each whether it is still the owner's */
export const renewClaims = async (
  query: Query,
  renewals: readonly Renewal[],
  { now, leaseMs }: LeaseTime,
): Promise<boolean[]> => {
  const keys = renewals.map(({ docId }) => keyOf(docId));
  const owners = renewals.map(({ owner }) => owner.id);
  const renewed = await query<{ id: string; owner_id: string }>(RENEW, [keys, owners, now, leaseMs]);
  const held = new Set(renewed.map(({ id, owner_id }) => JSON.stringify([id, owner_id])));
  return keys.map((key, index) => held.has(JSON.stringify([key, owners[index]])));
};

export const releaseClaim = async (query: Query, docId: string, owner: ClaimOwner): Promise<void> => {
  await query(`delete from ${CLAIMS} where id = $1 and owner_id = $2`, [keyOf(docId), owner.id]);
};

/** Reads a claim that has not expired. */
export const readClaim = async (
  query: Query,
  docId: string,
  now: number | null,
  localNow: number,
): Promise<Claim | undefined> => {
  const [row] = await query<ClaimRow>(
    `select owner_id, pid, machine, ${remainingAt(timeOf("$2"))} from ${CLAIMS} as claims
     where id = $1 and expires_at > ${timeOf("$2")}`,
    [keyOf(docId), now],
  );
  return row && claimOf(docId, row, localNow);
};
