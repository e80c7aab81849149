import type { Clock } from "../../internal/async/clock.js";
import { claimLost, newOwner } from "../../ledger/claims.js";
import type { Claim, ClaimOwner, Ledger, LedgerEntry, LedgerFilter } from "../../ledger/ledger.js";
import { type ParseKey, parseClaimId } from "../../ledger/parse-key.js";
import {
  advance,
  type LedgerRecord,
  type NamedDocument,
  newRecord,
  type RecordChange,
} from "../../ledger/record.js";

interface ClaimingRun {
  ledger: Ledger;
  clock: Clock;
  owner: ClaimOwner;
}

/**
 * Returns the pause before a claim is renewed: at most the interval, and at times that the claims of a run share, so that
 * a ledger can renew them together.
 */
const pauseBeforeRenewal = (now: number, intervalMs: number): number => {
  // A power of two is the same for claims whose time was measured a little differently.
  const step = 2 ** Math.floor(Math.log2(Math.max(1, intervalMs) / 2));
  return Math.floor((now + intervalMs) / step) * step - now;
};

/** A claim of this run, which is renewed until it is released. */
export class HeldClaim {
  protected readonly run: ClaimingRun;
  readonly #id: string;
  readonly #released = new AbortController();
  readonly #lost = new AbortController();
  readonly #leaseMs: number;
  /** Until when nobody else can have taken it over. */
  #heldUntil: number;

  constructor(run: ClaimingRun, { docId, expiresAt }: Claim) {
    this.run = run;
    this.#id = docId;
    this.#leaseMs = expiresAt - run.clock.now();
    this.#heldUntil = expiresAt;
    void this.#keepAlive(this.#leaseMs / 3);
  }

  /** Aborts with `CLAIM_LOST` once another run has taken over what is claimed. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure, before something is written beside the ledger, that nobody else has what is claimed: this process may have
   * stood still for longer than its claim lasts.
   *
   * @throws UnsiloedError `CLAIM_LOST`, `LEDGER_FAILED`
   */
  async confirm(): Promise<void> {
    if (this.run.clock.now() >= this.#heldUntil) await this.#renew();
  }

  async #renew(): Promise<void> {
    const { ledger, clock, owner } = this.run;
    const askedAt = clock.now();
    if (!(await ledger.renew(this.#id, owner))) throw claimLost(this.#id);
    this.#heldUntil = askedAt + this.#leaseMs;
  }

  /**
   * Gives back what is claimed. An error is not passed on, since the outcome of the document is settled: the claim then
   * ends with its process or expires, and the next write to the ledger fails as well.
   */
  async release(): Promise<void> {
    this.#released.abort();
    await this.run.ledger.release(this.#id, this.run.owner).catch(() => undefined);
  }

  async #keepAlive(intervalMs: number): Promise<void> {
    const { clock } = this.run;
    const { signal } = this.#released;
    try {
      for (;;) {
        await clock.delay(pauseBeforeRenewal(clock.now(), intervalMs), signal);
        await this.#renew();
      }
    } catch (thrown) {
      // A claim that cannot be renewed counts as lost. If only the ledger failed, the next write says so.
      if (!signal.aborted) this.#lost.abort(thrown);
    }
  }
}

/** A document that this run works on. */
export class ClaimedDocument extends HeldClaim {
  readonly #document: NamedDocument;
  #record: LedgerRecord | undefined;

  constructor(run: ClaimingRun, claim: Claim, document: NamedDocument, record: LedgerRecord | undefined) {
    super(run, claim);
    this.#document = document;
    this.#record = record;
  }

  /** The record of the document as it is now. */
  get record(): LedgerRecord | undefined {
    return this.#record;
  }

  /**
   * Writes the document one step on; durable when it resolves.
   *
   * @throws UnsiloedError `CLAIM_LOST`, `LEDGER_FAILED`
   */
  async advance(change: RecordChange): Promise<void> {
    const { ledger, clock, owner } = this.run;
    const now = clock.now();
    const { source, file = null } = this.#document;
    const next = this.#record
      ? { ...advance(this.#record, change, now), source, file }
      : newRecord(this.#document, change, now);
    await ledger.put(next, owner);
    this.#record = next;
  }

  /** Removes the record of the document. @throws UnsiloedError `CLAIM_LOST`, `LEDGER_FAILED` */
  async forget(): Promise<void> {
    await this.run.ledger.delete(this.#document.docId, this.run.owner);
    this.#record = undefined;
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
    const run = { ledger: this.#ledger, clock: this.#clock, owner: this.#owner };
    const { granted, claim } = await this.#ledger.claim(docId, this.#owner);
    if (!granted) return undefined;
    try {
      // Read again: the previous owner may have finished the document.
      return new ClaimedDocument(run, claim, document, await this.#ledger.get(docId));
    } catch (thrown) {
      await this.#ledger.release(docId, this.#owner);
      throw thrown;
    }
  }

  /**
   * Claims a parse before it is submitted, so that neither another run nor a copy in this one submits the same content.
   *
   * @returns the claim, or `undefined` while the parse is claimed for another document
   */
  async claimParse(parse: ParseKey): Promise<HeldClaim | undefined> {
    const run = { ledger: this.#ledger, clock: this.#clock, owner: newOwner() };
    const { granted, claim } = await this.#ledger.claim(parseClaimId(parse), run.owner);
    return granted ? new HeldClaim(run, claim) : undefined;
  }

  /** Tells whether a document or a parse is claimed. Where that cannot be read, the next attempt to claim it says why. */
  async isClaimed(claimId: string): Promise<boolean> {
    return this.#ledger.holder(claimId).then(
      (claim) => claim !== undefined,
      () => false,
    );
  }

  /** Lists records in no particular order. */
  list(filter?: LedgerFilter): AsyncIterable<LedgerEntry> {
    return this.#ledger.list(filter);
  }
}
