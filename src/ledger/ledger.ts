import type { ProcessIdentity } from "../internal/process-identity.js";
import type { ParseKey } from "./parse-key.js";
import type { LedgerRecord, LedgerState } from "./record.js";

/** The run that works on a document. Two runs in one process are two owners. */
export interface ClaimOwner extends ProcessIdentity {
  /** Unique for each run. */
  id: string;
}

/** Says which run works on a document. */
export interface Claim {
  /** The document. */
  docId: string;
  /** The run that works on it. */
  owner: ClaimOwner;
  /** When the claim ends unless it is renewed: milliseconds since the epoch, by the clock of this process. */
  expiresAt: number;
}

/** The answer to an attempt to claim a document. */
export interface ClaimOutcome {
  /** Whether the document is now claimed by the owner that asked. */
  granted: boolean;
  /** The claim that is in force. */
  claim: Claim;
}

/** Which records to list. */
export interface LedgerFilter {
  /** Only records in one of these states. @default all */
  states?: readonly LedgerState[];
  /** Only records of this parse. They are found by an index, so that each new document can ask. @default all */
  parse?: ParseKey;
}

/** A record, or the error why it cannot be read: `LEDGER_CORRUPT` or `LEDGER_VERSION`. */
export type LedgerEntry =
  | { docId: string; record: LedgerRecord; problem?: undefined }
  | { docId: string; record?: undefined; problem: Error };

/**
 * Remembers what was done with each document, and which run works on it. The work of a method is durable when its
 * promise resolves. Methods reject with UnsiloedError `LEDGER_FAILED`, for instance when the disk is full.
 */
export interface Ledger {
  /**
   * Reads the record of a document.
   *
   * @throws UnsiloedError `LEDGER_CORRUPT` or `LEDGER_VERSION` when there is a record that cannot be read
   */
  get(docId: string): Promise<LedgerRecord | undefined>;
  /**
   * Reads the records of several documents, by one query for each thousand of them. Documents without a record are left
   * out, and a record that cannot be read does not keep others from being read.
   */
  getMany(docIds: readonly string[]): Promise<Map<string, LedgerEntry>>;
  /**
   * Writes a record, and replaces an earlier one of the same document.
   *
   * @param owner refuses the record unless this owner still has the claim; leave it out to write in any case
   * @throws UnsiloedError `CLAIM_LOST`; `LEDGER_VERSION` when a newer version of this package wrote the earlier record
   */
  put(record: LedgerRecord, owner?: ClaimOwner): Promise<void>;
  /** Removes the record of a document. @returns whether there was one */
  delete(docId: string, owner?: ClaimOwner): Promise<boolean>;
  /** Lists records in no particular order. A record that cannot be read is one entry and does not end the list. */
  list(filter?: LedgerFilter): AsyncIterable<LedgerEntry>;
  /** Counts the points that the stored documents have in a store. @param store as records name it */
  countPoints(store: string, options?: { signal?: AbortSignal | undefined }): Promise<number>;

  /** Claims a document for an owner, unless another living owner has it. Claiming it again extends the claim. */
  claim(docId: string, owner: ClaimOwner): Promise<ClaimOutcome>;
  /** Extends a claim. @returns `false` when it is lost: stop working on the document and write nothing more of it */
  renew(docId: string, owner: ClaimOwner): Promise<boolean>;
  /** Ends a claim of this owner; claims of others stay. */
  release(docId: string, owner: ClaimOwner): Promise<void>;
  /** Returns the claim on a document, unless it has expired or its owner is known to have ended. */
  holder(docId: string): Promise<Claim | undefined>;

  /** Frees what the ledger uses. Closing again does nothing. */
  close(): Promise<void>;
}
