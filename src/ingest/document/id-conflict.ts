import { realpath } from "node:fs/promises";
import type { DocumentSource, SourceIdentity } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { LedgerRecord } from "../../ledger/record.js";

const realPathOf = (file: string): Promise<string | undefined> => realpath(file).catch(() => undefined);

/**
 * Finds out whether a file has the document id of another file, as happens when two directories are each ingested as
 * a root of their own: the files would overwrite each other, and each run would submit both again.
 *
 * There is no conflict when the other file was moved or copied, so that it is gone or has the same content, or when
 * the caller chose the id.
 */
export const findConflict = async (
  { docId, source, file, isDocIdChosen }: DocumentSource,
  identity: SourceIdentity | undefined,
  record: LedgerRecord | undefined,
): Promise<UnsiloedError | undefined> => {
  const other = record?.file;
  if (file === undefined || other == null || other === file || isDocIdChosen) return undefined;
  if (record?.content_hash == null || record.content_hash === identity?.contentHash) return undefined;
  const otherPath = await realPathOf(other);
  if (otherPath === undefined || otherPath === (await realPathOf(file))) return undefined;
  return new UnsiloedError(
    "INVALID_OPTION",
    `"${source}" has the document id "${docId}", which is that of another file, ${other}; name a directory above ` +
      "both as the root (--root), keep each in a ledger and collection of its own (--state, --collection), or remove " +
      "the other file if this one replaces it",
    { source },
  );
};

/** Returns the error for a source whose document id another source of the same run has. */
export const duplicateId = ({ source, docId }: DocumentSource, other: string): UnsiloedError =>
  new UnsiloedError(
    "INVALID_OPTION",
    `"${source}" and "${other}" both have the document id "${docId}"; give one of them another`,
  );
