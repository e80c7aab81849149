import { randomUUID } from "node:crypto";
import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { currentProcess, hasEnded, type ProcessIdentity } from "../internal/process-identity.js";
import type { Claim, ClaimOutcome, ClaimOwner } from "./ledger.js";

/** How long a claim lasts without being renewed: longer than a process pauses, shorter than a user would wait. */
export const DEFAULT_LEASE_MS = 60_000;

export const claimSchema = z.strictObject({
  docId: z.string(),
  owner: z.strictObject({ id: z.string(), pid: z.number().int().positive(), machine: z.string() }),
  expiresAt: z.number(),
});

/** Makes the owner of one run in this process. */
export const newOwner = (): ClaimOwner => ({ id: randomUUID(), ...currentProcess() });

/** What decides about a claim besides the claim itself. */
export interface ClaimContext {
  /** Milliseconds since the epoch. */
  now: number;
  /** How long a new claim lasts. */
  leaseMs: number;
  /** This process; leave it out where there are no owners in other processes. */
  here?: ProcessIdentity | undefined;
}

/** Tells whether a claim is in force: it has not expired, and its process is not known to have ended. */
export const isLive = ({ owner, expiresAt }: Claim, { now, here }: ClaimContext): boolean =>
  now < expiresAt && !(here && hasEnded(owner, here));

/** Decides about a claim on a document. The caller writes `granted` claims down. */
export const decideClaim = (
  existing: Claim | undefined,
  docId: string,
  owner: ClaimOwner,
  context: ClaimContext,
): ClaimOutcome => {
  if (existing && existing.owner.id !== owner.id && isLive(existing, context))
    return { granted: false, claim: existing };
  const { id, pid, machine } = owner;
  const claim = { docId, owner: { id, pid, machine }, expiresAt: context.now + context.leaseMs };
  return { granted: true, claim };
};

/**
 * Tells whether an owner may still write. An expired claim that no other owner took is still the owner's. A claim that
 * is gone is not, since another owner may have taken the document and finished it.
 */
export const holds = (existing: Claim | undefined, owner: ClaimOwner): boolean =>
  existing?.owner.id === owner.id;

export const claimLost = (docId: string): UnsiloedError =>
  new UnsiloedError(
    "CLAIM_LOST",
    `"${docId}" was taken over by another run, as this run did not renew its claim in time; it writes nothing more of it`,
  );
