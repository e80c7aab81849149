import { ignoring } from "../../internal/async/ignoring.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { StoredSplit } from "../../retrieval/expand/split-reader.js";
import type { DocumentView } from "../contract.js";
import type { Inspected } from "../options.js";
import { InspectedDocument } from "./inspected-document.js";
import { readSegments } from "./segments.js";

/** A document as it was when it was opened, and what is to be said of its parse result. */
export interface OpenedDocument {
  document: InspectedDocument;
  result: DocumentView["result"];
}

const readSplits = async ({ sink }: Inspected, docId: string): Promise<StoredSplit[]> => {
  const splits: StoredSplit[] = [];
  await ignoring("COLLECTION_NOT_FOUND", async () => {
    for await (const split of sink.readPoints({ docIds: [docId] })) splits.push(split);
  });
  return splits;
};

const noteOn = (record: LedgerRecord, isKept: boolean, hasWords: boolean): string | null => {
  if (!isKept)
    return "The parse result is not kept on this machine, so pages show only what the store holds of it: no segment that was left out, and no words.";
  if (record.stored_content_hash !== null && record.stored_content_hash !== record.content_hash)
    return "The parse result is newer than what is stored.";
  return hasWords ? null : "The parse result has no word boxes.";
};

/** Reads a document whole: its segments from the parse result, its splits from the store. */
export const openDocument = async (inspected: Inspected, record: LedgerRecord): Promise<OpenedDocument> => {
  const [result, splits] = await Promise.all([
    inspected.readResult(record),
    readSplits(inspected, record.doc_id),
  ]);
  const segments = result ? await readSegments(result, record) : [];
  const document = new InspectedDocument(record, segments, splits, result?.info.pageCount ?? null);
  const { hasWords } = document;
  const note = noteOn(record, result !== undefined, hasWords);
  return { document, result: { kept: result !== undefined, words: hasWords, note } };
};

/** How many documents stay open: the one that is looked at, and those beside it in a comparison. */
const OPEN = 4;

/** Keeps the documents that were opened last, until their records change. */
export class OpenDocuments {
  readonly #inspected: Inspected;
  readonly #open = new Map<string, { updatedAt: string; opened: Promise<OpenedDocument> }>();

  constructor(inspected: Inspected) {
    this.#inspected = inspected;
  }

  async get(record: LedgerRecord): Promise<OpenedDocument> {
    const { doc_id, updated_at: updatedAt } = record;
    const before = this.#open.get(doc_id);
    const opened = before?.updatedAt === updatedAt ? before.opened : openDocument(this.#inspected, record);
    this.#open.delete(doc_id);
    this.#open.set(doc_id, { updatedAt, opened });
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= OPEN) break;
      this.#open.delete(oldest);
    }
    try {
      return await opened;
    } catch (thrown) {
      this.#open.delete(doc_id);
      throw thrown;
    }
  }
}
