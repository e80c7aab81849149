import { isOutcomeUnknown, type LedgerRecord } from "./record.js";

/**
 * State of a document as people see it: the state of its record, and whether a run has claimed it. The record of an
 * `unreadable` one is damaged, or of a newer version.
 */
export const STANDINGS = [
  "stored",
  "failed",
  "unknown",
  "working",
  "waiting",
  "queued",
  "unreadable",
] as const;
export type Standing = (typeof STANDINGS)[number];

/** @param isClaimed whether a living run works on the document */
export const standingOf = (record: LedgerRecord, isClaimed: boolean): Standing => {
  if (record.state === "stored") return "stored";
  if (isClaimed) return "working";
  if (record.state === "queued") return "queued";
  if (isOutcomeUnknown(record, isClaimed)) return "unknown";
  return record.state === "failed" ? "failed" : "waiting";
};
