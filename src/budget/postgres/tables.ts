import { SCHEMA } from "../../internal/postgres/database.js";
import type { TableSet } from "../../internal/postgres/migrations.js";

export const BUDGETS = `${SCHEMA}.budgets`;
export const CALLS = `${SCHEMA}.calls`;
export const JOB_LIMITS = `${SCHEMA}.job_limits`;
export const JOBS = `${SCHEMA}.jobs`;
export const CREDIT_BUDGETS = `${SCHEMA}.credit_budgets`;
export const CREDIT_HOLDS = `${SCHEMA}.credit_holds`;

/**
 * The tables of the budget that machines share.
 *
 * A budget is one row for each API key, named by a hash of key and host, so that one lock orders all its calls. A call
 * has a row until its place is free again, and a job until it has ended. Rows of jobs are renewed by their processes,
 * which write them again if a crash of the server loses them. A budget of credits has a row, and each submission another
 * until its cost is known.
 */
export const BUDGET_TABLES: TableSet = {
  name: "budget",
  steps: [
    `create table ${BUDGETS} (
       key_id text collate "C" primary key,
       rate json not null,
       updated_at timestamptz not null default now()
     ) with (fillfactor = 50);
     create table ${CALLS} (
       id uuid primary key,
       key_id text collate "C" not null,
       worker uuid not null,
       answered boolean not null default false,
       refused boolean not null default false,
       free_at timestamptz not null
     ) with (fillfactor = 50);
     create index calls_of_key on ${CALLS} (key_id)`,
    `create table ${JOB_LIMITS} (key_id text collate "C" primary key, job_limit json not null);
     create unlogged table ${JOBS} (
       key_id text collate "C",
       id text collate "C",
       named boolean not null,
       expires_at timestamptz not null,
       primary key (key_id, id)
     ) with (fillfactor = 50)`,
    `create table ${CREDIT_BUDGETS} (
       key_id text collate "C" primary key,
       spent float8 not null default 0,
       jobs float8 not null default 0,
       credits float8 not null default 0,
       pages float8 not null default 0,
       page_credits float8 not null default 0,
       since timestamptz not null
     ) with (fillfactor = 50);
     create table ${CREDIT_HOLDS} (
       id uuid primary key,
       key_id text collate "C" not null,
       cost float8 not null,
       pages float8,
       told float8,
       alone boolean not null,
       sent boolean not null default false,
       ended boolean not null default false,
       expires_at timestamptz not null
     ) with (fillfactor = 50)`,
  ],
};
