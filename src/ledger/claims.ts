import { randomUUID } from "node:crypto";
import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { currentProcess, hasEnded, type ProcessIdentity } from "../internal/process-identity.js";
import type { Claim, ClaimOutcome, ClaimOwner } from "./ledger.js";

/** How long a claim holds without being renewed: longer than a pause of a process, shorter than anyone's patience. */
export const DEFAULT_LEASE_MS = 60_000;

export const claimSchema = z.strictObject({
  docId: z.string(),
  owner: z.strictObject({ id: z.string(), pid: z.number().int().positive(), machine: z.string() }),
  expiresAt: z.number(),
});

/** An owner for one run in this process. */
export const newOwner = (): ClaimOwner => ({ id: randomUUID(), ...currentProcess() });

/** What a claim is judged by. */
export interface ClaimJudge {
  now: number;
  leaseMs: number;
  /** This process, or none where owners in other processes cannot be. */
  here?: ProcessIdentity | undefined;
}

/** A claim holds until it expires, or its process is known to have ended. */
export const isLive = ({ owner, expiresAt }: Claim, { now, here }: ClaimJudge): boolean =>
  now < expiresAt && !(here && hasEnded(owner, here));

/** What becomes of a claim on a document. `granted` claims are to be written down. */
export const decideClaim = (
  existing: Claim | undefined,
  docId: string,
  owner: ClaimOwner,
  judge: ClaimJudge,
): ClaimOutcome => {
  if (existing && existing.owner.id !== owner.id && isLive(existing, judge))
    return { granted: false, claim: existing };
  const { id, pid, machine } = owner;
  const claim = { docId, owner: { id, pid, machine }, expiresAt: judge.now + judge.leaseMs };
  return { granted: true, claim };
};

/**
 * Whether an owner may still write. A claim that ran out and that nobody took is still the owner's; one that is gone
 * is not, for whoever took it may have finished since.
 */
export const holds = (existing: Claim | undefined, owner: ClaimOwner): boolean =>
  existing?.owner.id === owner.id;

export const claimLost = (docId: string): UnsiloedError =>
  new UnsiloedError(
    "CLAIM_LOST",
    `"${docId}" was taken over by another run, since this one gave no sign of life; it writes nothing more of it`,
  );
