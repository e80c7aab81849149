import { UnsiloedError } from "../../errors.js";
import { gatherTurn } from "../../internal/async/gather.js";
import { parseOptions } from "../../internal/options.js";
import { PostgresDatabase, type Query } from "../../internal/postgres/database.js";
import { assertMigrated, type Migrated, migrate } from "../../internal/postgres/migrations.js";
import { currentProcess, hasEnded } from "../../internal/process-identity.js";
import { claimLost } from "../claims.js";
import type { Claim, ClaimOutcome, ClaimOwner, Ledger, LedgerEntry, LedgerFilter } from "../ledger.js";
import { type LedgerOptions, ledgerSettingsSchema } from "../options.js";
import type { LedgerRecord, LedgerState } from "../record.js";
import { checkRecord, newerRecord } from "../record-format.js";
import { type LeaseTime, type Renewal, readClaim, releaseClaim, renewClaims, takeClaim } from "./claims.js";
import {
  countPoints,
  deleteDocument,
  listDocuments,
  readDocument,
  readDocuments,
  replaceUnclaimed,
  type WriteOutcome,
  writeDocument,
  writeNewDocuments,
} from "./documents.js";
import { LEDGER_TABLES } from "./tables.js";

/** Options of {@link PostgresLedger}. */
export interface PostgresLedgerOptions extends Omit<LedgerOptions, "clock"> {
  /** Time, as tests may set it. @default the clock of the database, which all machines share */
  clock?: { now(): number };
  /** Whether the ledger is only read: then methods that write reject with `LEDGER_FAILED`. @default false */
  readOnly?: boolean | undefined;
}

/**
 * Keeps a ledger in a PostgreSQL database (13 or newer), for any number of processes on any number of machines.
 *
 * The tables are created by `unsiloed-ingest migrate` or {@link PostgresLedger.migrate}. A claim ends when it is not
 * renewed in time, by the clock of the database, or at once when its process has ended on this machine. A lost
 * connection is opened again for half a minute, and what was being done is done again.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an address that is none; on first use: `MISSING_PACKAGE`, `LEDGER_FAILED`,
 *   and `LEDGER_VERSION` when the tables do not exist or are of another version
 * @example
 * ```ts
 * const ledger = new PostgresLedger("postgres://ingest@db.example.com/documents", { secrets: [apiKey] });
 * for await (const { docId, record } of ledger.list({ states: ["failed"] })) console.log(docId, record?.last_error);
 * await ledger.close();
 * ```
 */
export class PostgresLedger implements Ledger {
  readonly #database: PostgresDatabase;
  readonly #isShared: boolean;
  readonly #clock: { now(): number } | undefined;
  readonly #leaseMs: number;
  readonly #secrets: readonly string[];
  readonly #readOnly: boolean;
  readonly #here = currentProcess();
  readonly #renew: (renewal: Renewal) => Promise<boolean>;
  #checked: Promise<void> | undefined;

  /**
   * @param address `postgres://user@host:port/database`; the password may be left to `PGPASSWORD` or `~/.pgpass`. A
   *   database that is open already is shared, and stays open when the ledger is closed.
   */
  constructor(address: string | PostgresDatabase, options: PostgresLedgerOptions = {}) {
    const { clock, readOnly = false, ...given } = options;
    const { leaseMs, secrets } = parseOptions(ledgerSettingsSchema, given, "PostgresLedger");
    this.#isShared = typeof address !== "string";
    this.#database = typeof address === "string" ? new PostgresDatabase(address) : address;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#secrets = secrets;
    this.#readOnly = readOnly;
    this.#renew = gatherTurn((renewals) => renewClaims(this.#database.query, renewals, this.#leaseTime()));
  }

  /** Creates the tables of a ledger, or brings older ones up to date. Any number of processes may do so at once. */
  static async migrate(address: string): Promise<Migrated[]> {
    const database = new PostgresDatabase(address, { connections: 1, answerMs: 0 });
    try {
      return await migrate(database, [LEDGER_TABLES]);
    } finally {
      await database.close();
    }
  }

  async get(docId: string): Promise<LedgerRecord | undefined> {
    return readDocument(await this.#open(), docId);
  }

  async getMany(docIds: readonly string[]): Promise<Map<string, LedgerEntry>> {
    return readDocuments(await this.#open(), docIds);
  }

  async put(record: LedgerRecord, owner?: ClaimOwner): Promise<void> {
    const checked = checkRecord(record, this.#secrets).record;
    const query = await this.#openToWrite();
    assertWritten(record.doc_id, await writeDocument(query, checked, owner?.id));
  }

  /**
   * Writes the first records of documents in a transaction of the caller, with what else belongs to it; documents that
   * have a record keep it.
   *
   * @param query of the transaction, on the database of this ledger
   */
  async putNew(records: readonly LedgerRecord[], query: Query): Promise<void> {
    await this.#openToWrite();
    await writeNewDocuments(
      query,
      records.map((record) => checkRecord(record, this.#secrets).record),
    );
  }

  /**
   * Writes a record in a transaction of the caller, unless it is in another state by now or a run works on the document.
   *
   * @returns whether it was written
   */
  async replaceUnclaimed(record: LedgerRecord, state: LedgerState, query: Query): Promise<boolean> {
    await this.#openToWrite();
    return replaceUnclaimed(query, checkRecord(record, this.#secrets).record, state);
  }

  async delete(docId: string, owner?: ClaimOwner): Promise<boolean> {
    const outcome = await deleteDocument(await this.#openToWrite(), docId, owner?.id);
    if (outcome !== "unknown") assertWritten(docId, outcome);
    return outcome === "done";
  }

  async *list(filter: LedgerFilter = {}): AsyncGenerator<LedgerEntry> {
    yield* listDocuments(await this.#open(), filter);
  }

  async countPoints(store: string): Promise<number> {
    return countPoints(await this.#open(), store);
  }

  async claim(docId: string, owner: ClaimOwner): Promise<ClaimOutcome> {
    const query = await this.#openToWrite();
    const take = (endedOwner: string) =>
      takeClaim(query, docId, owner, { ...this.#leaseTime(), localNow: this.#localNow(), endedOwner });
    let claim = await take(owner.id);
    // Another may take it over first, and end as well.
    while (claim.owner.id !== owner.id && hasEnded(claim.owner, this.#here))
      claim = await take(claim.owner.id);
    return { granted: claim.owner.id === owner.id, claim };
  }

  async renew(docId: string, owner: ClaimOwner): Promise<boolean> {
    await this.#openToWrite();
    return this.#renew({ docId, owner });
  }

  async release(docId: string, owner: ClaimOwner): Promise<void> {
    await releaseClaim(await this.#openToWrite(), docId, owner);
  }

  async holder(docId: string): Promise<Claim | undefined> {
    const claim = await readClaim(await this.#open(), docId, this.#leaseTime().now, this.#localNow());
    return claim && !hasEnded(claim.owner, this.#here) ? claim : undefined;
  }

  /** Waits for pending statements and closes the connections. Closing again does nothing. */
  async close(): Promise<void> {
    if (!this.#isShared) await this.#database.close();
  }

  #leaseTime(): LeaseTime {
    return { now: this.#clock?.now() ?? null, leaseMs: this.#leaseMs };
  }

  #localNow(): number {
    return this.#clock?.now() ?? Date.now();
  }

  async #openToWrite(): Promise<Query> {
    if (!this.#readOnly) return this.#open();
    throw new UnsiloedError("LEDGER_FAILED", `${this.#database.name}: the ledger was opened to be read only`);
  }

  async #open(): Promise<Query> {
    this.#checked ??= assertMigrated(this.#database, LEDGER_TABLES).catch((thrown: unknown) => {
      // The database may be there, or have its tables, when it is asked again.
      this.#checked = undefined;
      throw thrown;
    });
    await this.#checked;
    return this.#database.query;
  }
}

const assertWritten = (docId: string, outcome: WriteOutcome): void => {
  if (outcome === "claim-lost") throw claimLost(docId);
  if (outcome === "newer") throw newerRecord(docId);
};
