import { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { sha256 } from "../../internal/hashing.js";
import { LmdbFile, type LmdbTable } from "../../internal/lmdb/database.js";
import { propertyOf } from "../../internal/objects.js";
import { parseOptions } from "../../internal/options.js";
import { currentProcess } from "../../internal/process-identity.js";
import { type ClaimContext, claimLost, claimSchema, decideClaim, holds, isLive } from "../claims.js";
import type { Claim, ClaimOutcome, ClaimOwner, Ledger, LedgerEntry, LedgerFilter } from "../ledger.js";
import { type LedgerOptions, ledgerSettingsSchema } from "../options.js";
import { type LedgerRecord, RECORD_SCHEMA } from "../record.js";
import { decodeRecord, encodeRecord } from "../record-format.js";

/** LMDB accepts keys of up to 1,978 bytes; longer document ids are told apart by their hash. */
const LONGEST_PLAIN_KEY = 1000;

/** Records that are read at a time, so that a slow reader of a list keeps no snapshot of the database alive. */
const LIST_BATCH = 256;

const ADVICE = 'restore a copy, or run "unsiloed-ingest repair", which rebuilds it from the store';

const SCHEMA_KEY = Buffer.from("schema");

const keyOf = (docId: string): Buffer => {
  const key = Buffer.from(docId);
  if (key.length <= LONGEST_PLAIN_KEY) return key;
  return Buffer.concat([key.subarray(0, LONGEST_PLAIN_KEY), Buffer.from(sha256([docId]))]);
};

/** Returns the document of a key; of a long id only the beginning, as the rest is in the record. */
const docIdOfKey = (key: Buffer): string =>
  key.length <= LONGEST_PLAIN_KEY ? key.toString() : `${key.toString("utf8", 0, LONGEST_PLAIN_KEY)}…`;

const documentOf = (text: string): unknown => {
  try {
    return propertyOf(JSON.parse(text), "doc_id");
  } catch {
    return undefined;
  }
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

interface Tables {
  file: LmdbFile;
  records: LmdbTable;
  claims: LmdbTable;
}

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
  #opened: Promise<Tables> | undefined;
  #closed = false;

  /** @param directory holds the database; created when it does not exist */
  constructor(directory: string, options: LedgerOptions = {}) {
    const { clock = systemClock, ...given } = options;
    const { leaseMs, secrets } = parseOptions(ledgerSettingsSchema, given, "LmdbLedger");
    this.#directory = directory;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#secrets = secrets;
  }

  async get(docId: string): Promise<LedgerRecord | undefined> {
    const { file, records } = await this.#open();
    const value = file.read(() => records.get(keyOf(docId)));
    return value && decodeRecord(value.toString(), docId);
  }

  async put(record: LedgerRecord, owner?: ClaimOwner): Promise<void> {
    const text = encodeRecord(record, this.#secrets);
    const docId = record.doc_id;
    const key = keyOf(docId);
    await this.#change(docId, owner, ({ records }) => records.put(key, Buffer.from(text)));
  }

  async delete(docId: string, owner?: ClaimOwner): Promise<boolean> {
    const key = keyOf(docId);
    return this.#change(docId, owner, ({ records }) => {
      const known = records.doesExist(key);
      if (known) records.remove(key);
      return known;
    });
  }

  async *list(filter: LedgerFilter = {}): AsyncGenerator<LedgerEntry> {
    const { file, records } = await this.#open();
    const { states } = filter;
    let after: Buffer | undefined;
    for (;;) {
      const range = after === undefined ? {} : { start: after, exclusiveStart: true };
      const batch = file.read(() => [...records.getRange({ ...range, limit: LIST_BATCH })]);
      for (const { key, value } of batch) {
        const entry = readEntry(Buffer.from(key), value.toString());
        if (entry.problem || !states || states.includes(entry.record.state)) yield entry;
      }
      const last = batch.at(-1);
      if (!last || batch.length < LIST_BATCH) return;
      after = Buffer.from(last.key);
    }
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
    const { file, claims } = await this.#open();
    const claim = file.read(() => readClaim(claims, keyOf(docId)));
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
      const newer = newerRecord(tables.records.get(key)?.toString(), docId);
      return newer ? { refusal: newer } : { value: work(tables) };
    });
    if ("refusal" in outcome) throw outcome.refusal;
    return outcome.value;
  }

  #open(): Promise<Tables> {
    if (this.#closed)
      return Promise.reject(new UnsiloedError("LEDGER_FAILED", "the ledger is closed; create another one"));
    this.#opened ??= openTables(this.#directory);
    return this.#opened;
  }
}

const openTables = async (directory: string): Promise<Tables> => {
  const file = await LmdbFile.open(directory, ["about", "records", "claims"], ADVICE);
  const about = file.table("about");
  const writing = file.write(() => {
    const written = about.get(SCHEMA_KEY);
    if (written) return Number(written.toString());
    about.put(SCHEMA_KEY, Buffer.from(String(RECORD_SCHEMA)));
    return RECORD_SCHEMA;
  });
  const found = await writing.catch(async (thrown: unknown) => {
    await file.close();
    throw thrown;
  });
  if (found <= RECORD_SCHEMA) return { file, records: file.table("records"), claims: file.table("claims") };
  await file.close();
  throw new UnsiloedError(
    "LEDGER_VERSION",
    `${directory}: the ledger was written by a newer version of unsiloed-ingest: update this one`,
  );
};

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

const readEntry = (key: Buffer, text: string): LedgerEntry => {
  const named = documentOf(text);
  const docId = typeof named === "string" && keyOf(named).equals(key) ? named : docIdOfKey(key);
  try {
    return { docId, record: decodeRecord(text, docId) };
  } catch (thrown) {
    return { docId, problem: asError(thrown) };
  }
};

const newerRecord = (text: string | undefined, docId: string): UnsiloedError | undefined => {
  if (text === undefined) return undefined;
  try {
    decodeRecord(text, docId);
  } catch (thrown) {
    if (thrown instanceof UnsiloedError && thrown.code === "LEDGER_VERSION") return thrown;
  }
  return undefined;
};
