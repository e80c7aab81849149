import { abortError, type Clock } from "../../internal/async/clock.js";
import { claimLost, newOwner } from "../../ledger/claims.js";
import type { Claim, ClaimOwner, Ledger } from "../../ledger/ledger.js";
import {
  advance,
  type LedgerRecord,
  type NamedDocument,
  newRecord,
  type RecordChange,
} from "../../ledger/record.js";

/** A document that this run works on. Its claim is renewed until it is released. */
export class ClaimedDocument {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #owner: ClaimOwner;
  readonly #document: NamedDocument;
  readonly #released = new AbortController();
  readonly #lost = new AbortController();
  #record: LedgerRecord | undefined;

  constructor(
    run: { ledger: Ledger; clock: Clock; owner: ClaimOwner },
    document: NamedDocument,
    record: LedgerRecord | undefined,
    { expiresAt }: Claim,
  ) {
    this.#ledger = run.ledger;
    this.#clock = run.clock;
    this.#owner = run.owner;
    this.#document = document;
    this.#record = record;
    void this.#keepAlive((expiresAt - run.clock.now()) / 3);
  }

  /** The record of the document as it is now. */
  get record(): LedgerRecord | undefined {
    return this.#record;
  }

  /** Aborts with `CLAIM_LOST` once another run has taken the document over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Writes the document one step on; durable when it resolves.
   *
   * @throws UnsiloedError `CLAIM_LOST`, `LEDGER_FAILED`
   */
  async advance(change: RecordChange): Promise<void> {
    const now = this.#clock.now();
    const { source, file = null } = this.#document;
    const next = this.#record
      ? { ...advance(this.#record, change, now), source, file }
      : newRecord(this.#document, change, now);
    await this.#ledger.put(next, this.#owner);
    this.#record = next;
  }

  /** Removes the record of the document. @throws UnsiloedError `CLAIM_LOST`, `LEDGER_FAILED` */
  async forget(): Promise<void> {
    await this.#ledger.delete(this.#document.docId, this.#owner);
    this.#record = undefined;
  }

  /**
   * Gives the document back. An error is not passed on, since the outcome of the document is settled: the claim then
   * ends with its process or expires, and the next write to the ledger fails as well.
   */
  async release(): Promise<void> {
    this.#released.abort();
    await this.#ledger.release(this.#document.docId, this.#owner).catch(() => undefined);
  }

  async #keepAlive(intervalMs: number): Promise<void> {
    const { docId } = this.#document;
    const { signal } = this.#released;
    try {
      for (;;) {
        await this.#clock.delay(intervalMs, signal);
        if (!(await this.#ledger.renew(docId, this.#owner))) throw claimLost(docId);
      }
    } catch (thrown) {
      // A claim that cannot be renewed counts as lost. If only the ledger failed, the next write says so.
      if (!signal.aborted) this.#lost.abort(thrown);
    }
  }
}

/** A ledger as one run sees it. */
export class RunLedger {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #owner = newOwner();

  constructor(ledger: Ledger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Reads the record of a document. @throws UnsiloedError `LEDGER_CORRUPT`, `LEDGER_VERSION` */
  get(docId: string): Promise<LedgerRecord | undefined> {
    return this.#ledger.get(docId);
  }

  /** Claims a document. @returns the document, or `undefined` while another run works on it */
  async claim(document: NamedDocument): Promise<ClaimedDocument | undefined> {
    const { docId } = document;
    const { granted, claim } = await this.#ledger.claim(docId, this.#owner);
    if (!granted) return undefined;
    try {
      // Read again: the previous owner may have finished the document.
      const record = await this.#ledger.get(docId);
      const run = { ledger: this.#ledger, clock: this.#clock, owner: this.#owner };
      return new ClaimedDocument(run, document, record, claim);
    } catch (thrown) {
      await this.#ledger.release(docId, this.#owner);
      throw thrown;
    }
  }

  /** Counts the points that the ledger says are in a store. */
  async countPoints(store: string, signal: AbortSignal | undefined): Promise<number> {
    let points = 0;
    for await (const { record } of this.#ledger.list({ states: ["stored"] })) {
      if (signal?.aborted) throw abortError(signal);
      if (record?.store === store) points += record.point_ids.length;
    }
    return points;
  }
}
