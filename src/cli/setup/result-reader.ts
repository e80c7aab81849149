import { readSaved } from "../../../loaders/result-loader.js";
import type { Inspected } from "../../inspect/options.js";
import { ignoring } from "../../internal/async/ignoring.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { KeptResults } from "../../ledger/results/kept-results.js";
import { openSavedResult } from "../../parse-api/results/saved-result.js";

const keyOf = ({ doc_id: docId, content_hash: contentHash, parse_hash: parseHash }: LedgerRecord) => ({
  docId,
  contentHash,
  parseHash,
});

/** Returns the path of the saved result that a document was ingested from; those are not kept a second time. */
const savedFileOf = ({ file, parse_hash }: LedgerRecord): string | undefined =>
  parse_hash === null && file !== null ? file : undefined;

/** Reads the parse results of ingested documents: those that were kept, and saved ones from their files. */
export const resultReader = (results: KeptResults): Pick<Inspected, "readResult" | "readPageCount"> => ({
  readResult: async (record) => {
    const kept = await results.read(keyOf(record), { packWords: true });
    const file = savedFileOf(record);
    if (kept || file === undefined) return kept;
    const options = { name: file, words: true, packWords: true };
    return ignoring("FILE_NOT_FOUND", () => openSavedResult(() => readSaved(file), options));
  },
  readPageCount: async (record) => (await results.readInfo(keyOf(record)))?.pageCount,
});
