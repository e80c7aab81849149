import { type Clock, systemClock } from "../internal/async/clock.js";
import { parseOptions } from "../internal/options.js";
import { type ClaimContext, claimLost, decideClaim, holds, isLive } from "./claims.js";
import type { Claim, ClaimOutcome, ClaimOwner, Ledger, LedgerEntry, LedgerFilter } from "./ledger.js";
import { countListedPoints } from "./listed-points.js";
import { type LedgerOptions, ledgerSettingsSchema } from "./options.js";
import { nameOfParse, parseOf } from "./parse-key.js";
import type { LedgerRecord } from "./record.js";
import { decodeRecord, encodeRecord } from "./record-format.js";

/**
 * Keeps a ledger in memory, as long as the process lives: for tests, and for pipelines that do their own bookkeeping
 * and still must not work on a document twice at once.
 *
 * @example
 * ```ts
 * const ledger = new MemoryLedger();
 * await ledger.put(newRecord({ docId: "a.pdf", source: "a.pdf" }, { state: "submitting" }, Date.now()));
 * ```
 */
export class MemoryLedger implements Ledger {
  readonly #records = new Map<string, string>();
  /** The documents of each content and parse options. */
  readonly #parses = new Map<string, Set<string>>();
  readonly #claims = new Map<string, Claim>();
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #secrets: readonly string[];

  constructor(options: LedgerOptions = {}) {
    const { clock = systemClock, ...given } = options;
    const { leaseMs, secrets } = parseOptions(ledgerSettingsSchema, given, "MemoryLedger");
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#secrets = secrets;
  }

  async get(docId: string): Promise<LedgerRecord | undefined> {
    const text = this.#records.get(docId);
    return text === undefined ? undefined : decodeRecord(text, docId);
  }

  async getMany(docIds: readonly string[]): Promise<Map<string, LedgerEntry>> {
    const found = new Map<string, LedgerEntry>();
    for (const docId of docIds) {
      const record = await this.get(docId);
      if (record) found.set(docId, { docId, record });
    }
    return found;
  }

  async put(record: LedgerRecord, owner?: ClaimOwner): Promise<void> {
    const text = encodeRecord(record, this.#secrets);
    this.#assertHeld(record.doc_id, owner);
    this.#forgetParse(record.doc_id);
    this.#records.set(record.doc_id, text);
    const parse = parseOf(record);
    if (!parse) return;
    const name = nameOfParse(parse);
    const documents = this.#parses.get(name) ?? new Set();
    this.#parses.set(name, documents.add(record.doc_id));
  }

  async delete(docId: string, owner?: ClaimOwner): Promise<boolean> {
    this.#assertHeld(docId, owner);
    this.#forgetParse(docId);
    return this.#records.delete(docId);
  }

  async *list({ states, parse }: LedgerFilter = {}): AsyncGenerator<LedgerEntry> {
    const docIds = parse ? this.#parses.get(nameOfParse(parse)) : this.#records.keys();
    for (const docId of [...(docIds ?? [])]) {
      const record = await this.get(docId);
      if (record && (!states || states.includes(record.state))) yield { docId, record };
    }
  }

  countPoints(store: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<number> {
    return countListedPoints(this, store, signal);
  }

  async claim(docId: string, owner: ClaimOwner): Promise<ClaimOutcome> {
    const outcome = decideClaim(this.#claims.get(docId), docId, owner, this.#claimContext());
    if (outcome.granted) this.#claims.set(docId, outcome.claim);
    return outcome;
  }

  async renew(docId: string, owner: ClaimOwner): Promise<boolean> {
    return holds(this.#claims.get(docId), owner) && (await this.claim(docId, owner)).granted;
  }

  async release(docId: string, owner: ClaimOwner): Promise<void> {
    if (holds(this.#claims.get(docId), owner)) this.#claims.delete(docId);
  }

  async holder(docId: string): Promise<Claim | undefined> {
    const claim = this.#claims.get(docId);
    return claim && isLive(claim, this.#claimContext()) ? claim : undefined;
  }

  async close(): Promise<void> {}

  #claimContext(): ClaimContext {
    return { now: this.#clock.now(), leaseMs: this.#leaseMs };
  }

  #forgetParse(docId: string): void {
    const text = this.#records.get(docId);
    const parse = text === undefined ? undefined : parseOf(decodeRecord(text, docId));
    if (!parse) return;
    const name = nameOfParse(parse);
    const documents = this.#parses.get(name);
    documents?.delete(docId);
    if (documents?.size === 0) this.#parses.delete(name);
  }

  #assertHeld(docId: string, owner: ClaimOwner | undefined): void {
    if (owner && !holds(this.#claims.get(docId), owner)) throw claimLost(docId);
  }
}
