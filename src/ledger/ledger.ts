import type { ProcessIdentity } from "../internal/process-identity.js";
import type { LedgerRecord, LedgerState } from "./record.js";

/** Who works on a document: one for each run, so that two runs in one process are told apart. */
export interface ClaimOwner extends ProcessIdentity {
  id: string;
}

/** A document that somebody works on. */
export interface Claim {
  docId: string;
  owner: ClaimOwner;
  /** When the claim ends unless it is renewed: milliseconds since the epoch. */
  expiresAt: number;
}

/** Whether the document is the asker's now; if not, whose it is. */
export interface ClaimOutcome {
  granted: boolean;
  claim: Claim;
}

export interface LedgerFilter {
  states?: readonly LedgerState[];
}

/** A record, or why it cannot be read: `LEDGER_CORRUPT` or `LEDGER_VERSION`. */
export type LedgerEntry =
  | { docId: string; record: LedgerRecord; problem?: undefined }
  | { docId: string; record?: undefined; problem: Error };

/**
 * What is known of each document, and who works on it. What a method did is durable when its promise resolves.
 * Methods reject with UnsiloedError `LEDGER_FAILED`, for instance when the disk is full.
 */
export interface Ledger {
  /** @throws UnsiloedError `LEDGER_CORRUPT` or `LEDGER_VERSION` when there is a record that cannot be read */
  get(docId: string): Promise<LedgerRecord | undefined>;
  /**
   * Writes a record, replacing the one of the same document.
   *
   * @param owner refuse when another owner holds the document by now; leave it out to write in any case
   * @throws UnsiloedError `CLAIM_LOST`; `LEDGER_VERSION` when the record there is of a newer version of this package
   */
  put(record: LedgerRecord, owner?: ClaimOwner): Promise<void>;
  /** Forgets a document. @returns whether it was known */
  delete(docId: string, owner?: ClaimOwner): Promise<boolean>;
  /** Every record, in no particular order; a record that cannot be read is one entry and does not end the list. */
  list(filter?: LedgerFilter): AsyncIterable<LedgerEntry>;

  /** Takes a document for an owner, if no other living owner holds it. Taking it again extends the claim. */
  claim(docId: string, owner: ClaimOwner): Promise<ClaimOutcome>;
  /** Extends a claim. @returns `false` when it is lost: stop working on the document, and write nothing more of it */
  renew(docId: string, owner: ClaimOwner): Promise<boolean>;
  /** Gives a document back; claims of others are left alone. */
  release(docId: string, owner: ClaimOwner): Promise<void>;
  /** The claim on a document, if its owner is alive as far as anyone can tell. */
  holder(docId: string): Promise<Claim | undefined>;

  close(): Promise<void>;
}
