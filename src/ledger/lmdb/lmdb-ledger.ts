import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import type { LmdbTable } from "../../internal/lmdb/database.js";
import { parseOptions } from "../../internal/options.js";
import { currentProcess } from "../../internal/process-identity.js";
import { type ClaimContext, claimLost, claimSchema, decideClaim, holds, isLive } from "../claims.js";
import type { Claim, ClaimOutcome, ClaimOwner, Ledger, LedgerEntry, LedgerFilter } from "../ledger.js";
import { countListedPoints } from "../listed-points.js";
import { type LedgerOptions, ledgerSettingsSchema } from "../options.js";
import { type ParseKey, parseOf } from "../parse-key.js";
import type { LedgerRecord } from "../record.js";
import { decodeRecord, encodeRecord } from "../record-format.js";
import { addPoints, forgetSums, sumOf, sumRecords } from "./point-sums.js";
import {
  indexKeyOf,
  keyOf,
  ofParse,
  ofTable,
  openTables,
  openTablesToRead,
  readEntry,
  readEntryOf,
  type Tables,
} from "./tables.js";

/** Options of {@link LmdbLedger}. */
export interface LmdbLedgerOptions extends LedgerOptions {
  /**
   * Whether the ledger is only read: then nothing is created, not even the directory, a ledger that does not exist is
   * empty, and methods that write reject with `LEDGER_FAILED`.
   * @default false
   */
  readOnly?: boolean | undefined;
}

const lmdbLedgerSchema = ledgerSettingsSchema.extend({ directory: z.string().min(1) });

/**
 * Keeps a ledger in an LMDB database, for any number of processes on one machine. Not for network file systems.
 *
 * A claim ends when it is not renewed in time, or at once when its process has ended on this machine.
 *
 * @throws UnsiloedError on first use: `MISSING_PACKAGE`, `LEDGER_FAILED`, `LEDGER_CORRUPT`, and `LEDGER_VERSION` when
 *   a newer version of this package has written it
 * @example
 * ```ts
 * const ledger = new LmdbLedger(".unsiloed/ledger", { secrets: [apiKey] });
 * for await (const { docId, record, problem } of ledger.list({ states: ["failed"] }))
 *   console.log(docId, problem?.message ?? record?.last_error?.message);
 * await ledger.close();
 * ```
 */
export class LmdbLedger implements Ledger {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #secrets: readonly string[];
  readonly #here = currentProcess();
  readonly #readOnly: boolean;
  #opened: Promise<Tables | undefined> | undefined;
  #closed = false;

  /**
   * @param directory holds the database; created when it does not exist
   * @throws UnsiloedError `INVALID_OPTION`
   */
  constructor(directory: string, options: LmdbLedgerOptions = {}) {
    const { clock = systemClock, readOnly = false, ...given } = options;
    const { leaseMs, secrets } = parseOptions(lmdbLedgerSchema, { ...given, directory }, "LmdbLedger");
    this.#directory = directory;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#secrets = secrets;
    this.#readOnly = readOnly;
  }

  async get(docId: string): Promise<LedgerRecord | undefined> {
    const tables = await this.#openToRead();
    const value = tables?.file.read(() => tables.records.get(keyOf(docId)));
    return value && decodeRecord(value.toString(), docId);
  }

  async getMany(docIds: readonly string[]): Promise<Map<string, LedgerEntry>> {
    const found = new Map<string, LedgerEntry>();
    const tables = await this.#openToRead();
    tables?.file.read(() => {
      for (const docId of docIds) {
        const value = tables.records.get(keyOf(docId));
        if (value) found.set(docId, readEntryOf(docId, value.toString()));
      }
    });
    return found;
  }

  async put(record: LedgerRecord, owner?: ClaimOwner): Promise<void> {
    const text = encodeRecord(record, this.#secrets);
    const docId = record.doc_id;
    const key = keyOf(docId);
    await this.#change(docId, owner, (tables) => {
      const { records, parses } = tables;
      records.put(key, Buffer.from(text));
      addPoints(tables, record, 1);
      const entry = indexKeyOf(record);
      if (entry) parses.put(entry, key);
    });
  }

  async delete(docId: string, owner?: ClaimOwner): Promise<boolean> {
    const key = keyOf(docId);
    return this.#change(docId, owner, ({ records }) => {
      const known = records.doesExist(key);
      if (known) records.remove(key);
      return known;
    });
  }

  async *list({ states, parse }: LedgerFilter = {}): AsyncGenerator<LedgerEntry> {
    const tables = await this.#openToRead();
    if (!tables) return;
    for await (const { key, value } of parse ? ofParse(tables, parse) : ofTable(tables, tables.records)) {
      const entry = readEntry(key, value.toString());
      // A record that was damaged and replaced may have left an entry in the index.
      if (parse && (!entry.record || !isSame(parseOf(entry.record), parse))) continue;
      if (entry.problem || !states || states.includes(entry.record.state)) yield entry;
    }
  }

  async countPoints(store: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<number> {
    const tables = await this.#openToRead();
    const sum = tables?.file.read(() => sumOf(tables, store));
    if (!tables || sum !== undefined) return sum ?? 0;
    if (this.#readOnly) return countListedPoints(this, store, signal);
    return tables.file.write(() => {
      sumRecords(tables);
      return sumOf(tables, store) ?? 0;
    });
  }

  async claim(docId: string, owner: ClaimOwner): Promise<ClaimOutcome> {
    const { file, claims } = await this.#open();
    const key = keyOf(docId);
    return file.write(() => {
      const outcome = decideClaim(readClaim(claims, key), docId, owner, this.#claimContext());
      if (outcome.granted) claims.put(key, Buffer.from(JSON.stringify(outcome.claim)));
      return outcome;
    });
  }

  async renew(docId: string, owner: ClaimOwner): Promise<boolean> {
    const { file, claims } = await this.#open();
    const key = keyOf(docId);
    return file.write(() => {
      const existing = readClaim(claims, key);
      if (!existing || !holds(existing, owner)) return false;
      const { claim } = decideClaim(existing, docId, owner, this.#claimContext());
      claims.put(key, Buffer.from(JSON.stringify(claim)));
      return true;
    });
  }

  async release(docId: string, owner: ClaimOwner): Promise<void> {
    const { file, claims } = await this.#open();
    const key = keyOf(docId);
    await file.write(() => {
      if (holds(readClaim(claims, key), owner)) claims.remove(key);
    });
  }

  async holder(docId: string): Promise<Claim | undefined> {
    const tables = await this.#openToRead();
    const claim = tables?.file.read(() => readClaim(tables.claims, keyOf(docId)));
    return claim && isLive(claim, this.#claimContext()) ? claim : undefined;
  }

  /** Waits for pending writes and closes the database. Closing again does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.file.close();
  }

  #claimContext(): ClaimContext {
    return { now: this.#clock.now(), leaseMs: this.#leaseMs, here: this.#here };
  }

  /** Writes if the owner still has the claim and no newer version of this package wrote the record. */
  async #change<T>(docId: string, owner: ClaimOwner | undefined, work: (tables: Tables) => T): Promise<T> {
    const tables = await this.#open();
    const key = keyOf(docId);
    const outcome = await tables.file.write<{ value: T } | { refusal: UnsiloedError }>(() => {
      if (owner && !holds(readClaim(tables.claims, key), owner)) return { refusal: claimLost(docId) };
      const text = tables.records.get(key)?.toString();
      const { record, problem } = text === undefined ? {} : readEntry(key, text);
      if (problem && isOfNewerVersion(problem)) return { refusal: problem };
      const entry = record && indexKeyOf(record);
      if (entry) tables.parses.remove(entry);
      if (problem) forgetSums(tables);
      else addPoints(tables, record, -1);
      return { value: work(tables) };
    });
    if ("refusal" in outcome) throw outcome.refusal;
    return outcome.value;
  }

  async #open(): Promise<Tables> {
    const tables = this.#readOnly ? undefined : await this.#openToRead();
    if (tables) return tables;
    throw new UnsiloedError("LEDGER_FAILED", `${this.#directory}: the ledger was opened to be read only`);
  }

  /** Returns the tables; `undefined` when they are only read and there are none. */
  #openToRead(): Promise<Tables | undefined> {
    if (this.#closed)
      return Promise.reject(new UnsiloedError("LEDGER_FAILED", "the ledger is closed; create another one"));
    this.#opened ??= (this.#readOnly ? openTablesToRead : openTables)(this.#directory);
    return this.#opened;
  }
}

/** Reads a claim. One that cannot be read counts as none, since it would lock its document for ever. */
const readClaim = (claims: LmdbTable, key: Buffer): Claim | undefined => {
  const value = claims.get(key);
  if (!value) return undefined;
  try {
    return claimSchema.safeParse(JSON.parse(value.toString())).data;
  } catch {
    return undefined;
  }
};

const isSame = (one: ParseKey | undefined, other: ParseKey): boolean =>
  one?.contentHash === other.contentHash && one.parseHash === other.parseHash;

const isOfNewerVersion = (problem: Error): problem is UnsiloedError =>
  problem instanceof UnsiloedError && problem.code === "LEDGER_VERSION";
