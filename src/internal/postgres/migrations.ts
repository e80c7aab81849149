import { UnsiloedError } from "../../errors.js";
import { type PostgresDatabase, type Query, SCHEMA } from "./database.js";

/** Tables that belong together, and how they came to be. */
export interface TableSet {
  /** Name in the table of versions, such as `ledger`. */
  name: string;
  /** Statements that lead from each version to the next. Only ever add to them. */
  steps: readonly string[];
}

/** Any number that no other program is likely to lock. */
const LOCK = 7_268_100_418;

const CREATE_VERSIONS = `
  create schema if not exists ${SCHEMA};
  create table if not exists ${SCHEMA}.versions (
    name text primary key,
    version int not null,
    updated_at timestamptz not null default now()
  )`;

const versionOf = async (query: Query, { name }: TableSet): Promise<number> => {
  const [row] = await query<{ version: number }>(`select version from ${SCHEMA}.versions where name = $1`, [
    name,
  ]);
  return row?.version ?? 0;
};

const tooNew = (database: string): UnsiloedError =>
  new UnsiloedError(
    "LEDGER_VERSION",
    `${database}: the tables were written by a newer version of unsiloed-ingest: update this one`,
  );

/** What a migration did to one set of tables. */
export interface Migrated {
  name: string;
  from: number;
  to: number;
}

/**
 * Creates tables and brings older ones up to date: all of them in one transaction, one process at a time.
 *
 * @throws UnsiloedError `LEDGER_VERSION` for tables of a newer version; `LEDGER_FAILED`
 */
export const migrate = (database: PostgresDatabase, sets: readonly TableSet[]): Promise<Migrated[]> =>
  database.transaction(async (query) => {
    await query("select pg_advisory_xact_lock($1)", [LOCK]);
    await query(CREATE_VERSIONS);
    const done: Migrated[] = [];
    for (const set of sets) {
      const from = await versionOf(query, set);
      const to = set.steps.length;
      if (from > to) throw tooNew(database.name);
      for (const step of set.steps.slice(from)) await query(step);
      await query(
        `insert into ${SCHEMA}.versions (name, version) values ($1, $2)
         on conflict (name) do update set version = excluded.version, updated_at = now()
         where versions.version < excluded.version`,
        [set.name, to],
      );
      done.push({ name: set.name, from, to });
    }
    return done;
  });

/**
 * Checks that tables are there and of this version. They are not created on the way: that takes rights which a worker
 * should not have, and in a database that was named by mistake everything would be parsed and paid for once more.
 *
 * @throws UnsiloedError `LEDGER_VERSION`, which says to migrate or to update
 */
export const assertMigrated = async (database: PostgresDatabase, set: TableSet): Promise<void> => {
  const [found] = await database.query<{ there: boolean }>("select to_regclass($1) is not null as there", [
    `${SCHEMA}.versions`,
  ]);
  const version = found?.there ? await versionOf(database.query, set) : 0;
  if (version > set.steps.length) throw tooNew(database.name);
  if (version === set.steps.length) return;
  throw new UnsiloedError(
    "LEDGER_VERSION",
    version === 0
      ? `${database.name}: the tables of unsiloed-ingest do not exist; check the address, and run "unsiloed-ingest migrate" once`
      : `${database.name}: the tables are of an older version of unsiloed-ingest: run "unsiloed-ingest migrate"`,
  );
};
