import { SCHEMA } from "../../internal/postgres/database.js";
import type { TableSet } from "../../internal/postgres/migrations.js";

export const DOCUMENTS = `${SCHEMA}.documents`;
export const CLAIMS = `${SCHEMA}.claims`;

/**
 * The tables of a ledger.
 *
 * Keys compare by bytes, which is fast and the same on every server. Ids of points have a column of their own, in which
 * one takes 16 bytes instead of 39, and the columns beside the record are what is searched for. Documents that are not
 * stored have an index of their own, which stays small however many are stored. Claims are renewed often, which must
 * rewrite no record: they have a table of their own, with room to renew a claim where it is.
 */
export const LEDGER_TABLES: TableSet = {
  name: "ledger",
  steps: [
    `create table ${DOCUMENTS} (
       key text collate "C" primary key,
       state text not null,
       job_id text,
       store text,
       content_hash text,
       parse_hash text,
       options_hash text,
       points int not null,
       point_ids uuid[],
       format int not null,
       record json not null,
       updated_at timestamptz not null default now()
     );
     create index documents_unfinished on ${DOCUMENTS} (key) where state <> 'stored';
     create index documents_by_content on ${DOCUMENTS} (content_hash) where parse_hash is not null;
     create table ${CLAIMS} (
       id text collate "C" primary key,
       owner_id text not null,
       pid int not null,
       machine text not null,
       expires_at timestamptz not null
     ) with (fillfactor = 70)`,
  ],
};
