import { UnsiloedError } from "../../errors.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { standingOf } from "../../ledger/standing.js";
import type { DocumentView, SourceView } from "../contract.js";
import type { Inspected } from "../options.js";
import { rowOf } from "./document-list.js";
import type { OpenedDocument } from "./open-document.js";

/** Reads the record of a document. @throws UnsiloedError `INVALID_OPTION` for what the ledger does not know */
export const recordOf = async (
  { ledger }: Pick<Inspected, "ledger">,
  docId: string,
): Promise<LedgerRecord> => {
  const record = await ledger.get(docId);
  if (record) return record;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `doc: expected a document of the ledger, got "${docId}"; "unsiloed-ingest status --all" lists them`,
  );
};

/** Describes a document that was opened. @param source its file, as it is now */
export const describeDocument = async (
  { ledger }: Pick<Inspected, "ledger">,
  { document, result }: OpenedDocument,
  source: SourceView,
): Promise<DocumentView> => {
  const { record, pages } = document;
  const isClaimed = record.state !== "stored" && (await ledger.holder(record.doc_id)) !== undefined;
  const known = pages.filter(({ number }) => number > 0).length;
  return {
    row: rowOf(record, standingOf(record, isClaimed), known),
    title: document.title,
    jobId: record.job_id,
    version: record.version,
    store: record.store,
    result,
    source,
    pages,
    splits: document.splits.length,
  };
};
