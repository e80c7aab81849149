import { realpath } from "node:fs/promises";
import type { DocumentSource, SourceIdentity } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { LedgerRecord } from "../../ledger/record.js";

const realPathOf = (file: string): Promise<string | undefined> => realpath(file).catch(() => undefined);

/**
 * What is wrong with a file whose path gives it the id of another one, as two directories do that are each a root of their own:
 * each would overwrite the other and be submitted again in every run, if they were let. Of a file that was moved or copied, the old
 * one is gone or has the same content; and an id that the caller chose may change its file.
 */
export const findClash = async (
  { docId, source, file, isDocIdChosen }: DocumentSource,
  identity: SourceIdentity | undefined,
  record: LedgerRecord | undefined,
): Promise<UnsiloedError | undefined> => {
  const other = record?.file;
  if (file === undefined || other == null || other === file || isDocIdChosen) return undefined;
  if (record?.content_hash == null || record.content_hash === identity?.contentHash) return undefined;
  const place = await realPathOf(other);
  if (place === undefined || place === (await realPathOf(file))) return undefined;
  return new UnsiloedError(
    "INVALID_OPTION",
    `"${source}" has the document id "${docId}", which is that of another file, ${other}; name a directory above ` +
      "both as the root (--root), keep each in a ledger and collection of its own (--state, --collection), or remove " +
      "the other file if this one replaces it",
    { source },
  );
};
